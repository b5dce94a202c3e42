"""Sealed objects under random ids in any object store.

Each object has its own data key. `keys/ab/<id>` holds that key wrapped by the current key of the settings,
`bodies/ab/<id>` holds a random salt and then frames of AES-256-GCM; a frame is bound to its object, its number and
whether it is the last, so frames cannot be swapped, dropped or cut off. The key lies apart from the body so that
`rotate` re-wraps without touching bodies, and so that deleting 100 bytes makes a body unreadable for good. The body is
the commit point: a key without a body is an unfinished write, which the next writer of the same id completes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore, from_url

from mangping.errors import MangpingError

FRAME = 64 * 1024  # bytes of plain text in a frame
_TAG = 16
_COLUMN = b"mangping/column/1\0"
_SALT = b"mangping/body/1\0"  # a body opens with this mark and 16 random bytes
_HEAD = len(_SALT) + 16


class Missing(MangpingError):
    """No such object: never sealed, or erased."""


class Damaged(MangpingError):
    """The object is there but is not what was sealed under this id, or its key is not among ours."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The wrapping keys from the settings: `current` seals, the others still open."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Keys:
        """From {"current": "k1", "keys": {"k1": "<base64 of 32 bytes>"}}. ValueError when that is not what it is."""
        read = json.loads(text)
        keys = {name: b64decode(value, validate=True) for name, value in read["keys"].items()}
        if read["current"] not in keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("VAULT_KEYS: `current` must name one of `keys`, each base64 of 32 bytes")
        return cls(read["current"], keys)

    def wrap(self, id: UUID, data_key: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        wrapped = nonce + AESGCM(self.keys[self.current]).encrypt(nonce, data_key, b"mangping/key/1" + id.bytes)
        return json.dumps({"kid": self.current, "wrapped": b64encode(wrapped).decode()}).encode()

    def unwrap(self, id: UUID, header: bytes) -> bytes:
        """The data key. Raises Damaged."""
        try:
            read = json.loads(header)
            wrapped = b64decode(read["wrapped"])
            return AESGCM(self.keys[read["kid"]]).decrypt(wrapped[:12], wrapped[12:], b"mangping/key/1" + id.bytes)
        except (InvalidTag, KeyError, TypeError, ValueError) as error:
            raise Damaged(str(id)) from error

    def digest(self, content: bytes, kid: str | None = None) -> str:
        """`kid:hex`, an HMAC: equal content can be recognised later, and nobody without the key can guess at it."""
        kid = kid or self.current
        return f"{kid}:{hmac.new(self.keys[kid], b'mangping/digest/1' + content, hashlib.sha256).hexdigest()}"

    def matches(self, digest: str, content: bytes) -> bool:
        """Whether `content` made this digest, under whichever of our keys."""
        kid = digest.partition(":")[0]
        return kid in self.keys and hmac.compare_digest(digest, self.digest(content, kid))

    def seal(self, about: str, plain: str) -> bytes:
        """A short text for a database column, bound to what it is `about` (column and row), so that it fits nowhere
        else."""
        nonce = secrets.token_bytes(12)
        ciphered = AESGCM(self.keys[self.current]).encrypt(nonce, plain.encode(), _COLUMN + about.encode())
        return self.current.encode() + b"\0" + nonce + ciphered

    def open(self, about: str, sealed: bytes) -> str:
        """What `seal` was given. Raises Damaged."""
        kid, _, rest = sealed.partition(b"\0")
        try:
            cipher = AESGCM(self.keys[kid.decode()])
            return cipher.decrypt(rest[:12], rest[12:], _COLUMN + about.encode()).decode()
        except (InvalidTag, KeyError, ValueError) as error:
            raise Damaged(about) from error

    def digests(self, content: bytes) -> list[str]:
        """The digests this content may have been kept under, the current key's first."""
        return [self.digest(content, kid) for kid in sorted(self.keys, key=lambda kid: kid != self.current)]


class Vault:
    """Opens and seals. Every method raises obstore's errors when the store itself cannot be reached."""

    def __init__(self, store: ObjectStore, keys: Keys) -> None:
        self._store, self.keys = store, keys

    @classmethod
    def at(cls, url: str, keys: Keys) -> Vault:
        """`url`: file:///folder, s3://bucket/prefix, az://…, gs://…; credentials come from the environment."""
        return cls(from_url(url, mkdir=True) if url.startswith("file:") else from_url(url), keys)

    async def put_new(self, id: UUID, plain: bytes) -> bool:
        """Seal `plain` unless the id is already taken: True when this call sealed it, False when it was there."""
        body = b"".join([frame async for frame in _seal(id, await self._data_key(id), _once(plain))])
        try:
            await obstore.put_async(self._store, _body(id), body, mode="create")
        except AlreadyExistsError:
            return False
        return True

    async def put_stream(self, id: UUID, chunks: AsyncIterable[bytes]) -> None:
        """Seal a stream in flat memory under an id that nobody else writes. An error of `chunks` leaves no body."""
        broken: list[BaseException] = []

        async def watched() -> AsyncIterator[bytes]:
            try:
                async for chunk in chunks:
                    yield chunk
            except BaseException as error:
                broken.append(error)  # the store would wrap it beyond recognition
                raise

        sealed = _seal(id, await self._data_key(id), watched())
        try:
            await obstore.put_async(self._store, _body(id), sealed, max_concurrency=2)
        except Exception:
            if broken:
                raise broken[0] from None
            raise

    async def stream(self, id: UUID) -> AsyncIterator[bytes]:
        """The plain bytes, frame by frame. Raises Missing, or Damaged before the first wrong byte is given out."""
        data_key = self.keys.unwrap(id, await self._get(_key(id)))
        try:
            found = await obstore.get_async(self._store, _body(id))
        except FileNotFoundError:
            raise Missing(str(id)) from None
        async for frame in _unseal(id, data_key, (bytes(part) async for part in found.stream())):
            yield frame

    async def get(self, id: UUID) -> bytes:
        """The whole object in memory. Raises Missing, Damaged."""
        return b"".join([frame async for frame in self.stream(id)])

    async def holds(self, id: UUID) -> bool:
        """Whether something was sealed under this id to the end."""
        try:
            await obstore.head_async(self._store, _body(id))
        except FileNotFoundError:
            return False
        return True

    async def erase(self, id: UUID) -> None:
        """The key first, so that what follows is only sweeping. Erasing twice is no error."""
        for path in (_key(id), _body(id)):
            try:
                await obstore.delete_async(self._store, path)
            except FileNotFoundError:
                continue

    async def rotate(self, told: Callable[[int, int], None] = lambda seen, rewrapped: None) -> int:
        """Wrap every data key anew under the current key; bodies stay as they are. Returns how many were re-wrapped.

        Killed, it goes on where it was: what is wrapped anew is left as it is. `told` hears how many keys were looked at and
        re-wrapped. Raises Damaged for a key that none of ours opens."""
        seen = count = 0
        async for batch in obstore.list(self._store, prefix="keys"):
            for meta in batch:
                count += await self._rewrap(meta["path"])
            seen += len(batch)
            told(seen, count)
        return count

    async def _rewrap(self, path: str) -> bool:
        id = UUID(path.rsplit("/", 1)[-1])
        try:
            header = await self._get(path)
        except Missing:  # erased since it was listed
            return False
        if json.loads(header)["kid"] == self.keys.current:
            return False
        await obstore.put_async(self._store, path, self.keys.wrap(id, self.keys.unwrap(id, header)))
        return True

    async def _data_key(self, id: UUID) -> bytes:
        """A fresh key for a fresh id; the key that is there when an earlier writer died before its body was down."""
        fresh = secrets.token_bytes(32)
        try:
            await obstore.put_async(self._store, _key(id), self.keys.wrap(id, fresh), mode="create")
        except AlreadyExistsError:
            return self.keys.unwrap(id, await self._get(_key(id)))
        return fresh

    async def _get(self, path: str) -> bytes:
        try:
            return bytes(await (await obstore.get_async(self._store, path)).bytes_async())
        except FileNotFoundError:
            raise Missing(path.rsplit("/", 1)[-1]) from None


def _key(id: UUID) -> str:
    return f"keys/{id.hex[:2]}/{id.hex}"


def _body(id: UUID) -> str:
    return f"bodies/{id.hex[:2]}/{id.hex}"


async def _once(plain: bytes) -> AsyncIterator[bytes]:
    yield plain


def _frame_cipher(id: UUID, data_key: bytes, salt: bytes) -> AESGCM:
    """The salt makes the frame key new for every writing, so that a counter can serve as the nonce."""
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=_SALT + id.bytes).derive(data_key))


def _bound(id: UUID, number: int, last: bool) -> tuple[bytes, bytes]:
    """(nonce, additional data) of a frame."""
    return number.to_bytes(12), id.bytes + number.to_bytes(8) + bytes([last])


async def _seal(id: UUID, data_key: bytes, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    salt = secrets.token_bytes(16)
    cipher, number, held = _frame_cipher(id, data_key, salt), 0, bytearray()
    yield _SALT + salt
    async for chunk in chunks:
        held += chunk
        while len(held) > FRAME:  # one frame stays back: only at the end is it known which is the last
            nonce, bound = _bound(id, number, False)
            yield cipher.encrypt(nonce, bytes(held[:FRAME]), bound)
            del held[:FRAME]
            number += 1
    nonce, bound = _bound(id, number, True)
    yield cipher.encrypt(nonce, bytes(held), bound)


async def _unseal(id: UUID, data_key: bytes, parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    held, number, cipher = bytearray(), 0, None
    async for part in parts:
        held += part
        if cipher is None and len(held) >= _HEAD:
            if held[: len(_SALT)] != _SALT:
                raise Damaged(str(id))
            cipher = _frame_cipher(id, data_key, bytes(held[len(_SALT) : _HEAD]))
            del held[:_HEAD]
        while cipher is not None and len(held) > FRAME + _TAG:
            yield _open(cipher, id, number, bytes(held[: FRAME + _TAG]), last=False)
            del held[: FRAME + _TAG]
            number += 1
    if cipher is None:
        raise Damaged(str(id))
    yield _open(cipher, id, number, bytes(held), last=True)


def _open(cipher: AESGCM, id: UUID, number: int, frame: bytes, *, last: bool) -> bytes:
    nonce, bound = _bound(id, number, last)
    try:
        return cipher.decrypt(nonce, frame, bound)
    except (InvalidTag, ValueError) as error:
        raise Damaged(str(id)) from error
