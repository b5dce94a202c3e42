"""Sealed objects: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mangping.vault import FRAME, Damaged, Keys, Missing, Vault
from obstore.store import MemoryStore

KEYS = Keys("k1", {"k1": b"1" * 32})
BOTH = Keys("k2", {"k1": b"1" * 32, "k2": b"2" * 32})
EDGES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 7]


def body(folder: Path, id: UUID) -> Path:
    return folder / "bodies" / id.hex[:2] / id.hex


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.at(tmp_path.as_uri(), KEYS)


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@settings(max_examples=25, deadline=None)
@given(st.one_of(st.sampled_from(EDGES), st.integers(0, 3 * FRAME)), st.integers(1, 2 * FRAME))
async def test_what_is_sealed_in_any_pieces_comes_out_whole(size: int, piece: int) -> None:
    vault, content, id = Vault(MemoryStore(), KEYS), os.urandom(size), uuid4()
    await vault.put_stream(id, pieces(content, piece))
    assert await vault.get(id) == content


async def test_nothing_clear_lies_in_the_store(vault: Vault, tmp_path: Path) -> None:
    id, secret = uuid4(), "阿依古丽 13800000000".encode()
    await vault.put_new(id, secret)
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert stored.find(secret) == -1
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()) == [
        f"bodies/{id.hex[:2]}/{id.hex}", f"keys/{id.hex[:2]}/{id.hex}",
    ]  # fmt: skip


async def test_an_id_is_sealed_once(vault: Vault) -> None:
    id = uuid4()
    assert [await vault.put_new(id, b"first"), await vault.put_new(id, b"second")] == [True, False]
    assert await vault.get(id) == b"first"


async def test_a_write_that_died_after_its_key_is_completed_by_the_next(vault: Vault, tmp_path: Path) -> None:
    id = uuid4()
    await vault.put_new(id, b"first")
    body(tmp_path, id).unlink()
    assert [await vault.holds(id), await vault.put_new(id, b"second"), await vault.get(id)] == [False, True, b"second"]


async def test_the_same_content_never_looks_the_same_twice(vault: Vault, tmp_path: Path) -> None:
    id = uuid4()
    await vault.put_new(id, b"content")
    first = body(tmp_path, id).read_bytes()
    body(tmp_path, id).unlink()
    await vault.put_new(id, b"content")  # under the same data key, because its first writer "died"
    assert body(tmp_path, id).read_bytes()[32:] != first[32:]


def _cut(sealed: bytes) -> bytes:
    return sealed[:-1]


def _drop_last_frame(sealed: bytes) -> bytes:
    return sealed[: 32 + 2 * (FRAME + 16)]


def _swap_frames(sealed: bytes) -> bytes:
    one, two, rest = 32, 32 + FRAME + 16, 32 + 2 * (FRAME + 16)
    return sealed[:one] + sealed[two:rest] + sealed[one:two] + sealed[rest:]


def _flip(sealed: bytes) -> bytes:
    return sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:]


def _empty(sealed: bytes) -> bytes:
    return b""


def _append(sealed: bytes) -> bytes:
    return sealed + b"\0"


@pytest.mark.parametrize("harm", [_cut, _drop_last_frame, _swap_frames, _flip, _empty, _append])
async def test_a_harmed_body_is_damaged(vault: Vault, tmp_path: Path, harm) -> None:  # type: ignore[no-untyped-def]
    id = uuid4()
    await vault.put_new(id, os.urandom(2 * FRAME + 5))
    body(tmp_path, id).write_bytes(harm(body(tmp_path, id).read_bytes()))
    with pytest.raises(Damaged):
        await vault.get(id)


async def test_an_object_does_not_open_under_another_id(vault: Vault, tmp_path: Path) -> None:
    mine, other = uuid4(), uuid4()
    await vault.put_new(mine, b"mine")
    await vault.put_new(other, b"other")
    for part in ("bodies", "keys"):
        source = tmp_path / part / mine.hex[:2] / mine.hex
        (tmp_path / part / other.hex[:2] / other.hex).write_bytes(source.read_bytes())
    with pytest.raises(Damaged):
        await vault.get(other)


async def test_what_was_never_sealed_or_is_erased_is_missing(vault: Vault, tmp_path: Path) -> None:
    id = uuid4()
    with pytest.raises(Missing):
        await vault.get(id)
    await vault.put_new(id, b"x")
    await vault.erase(id)
    await vault.erase(id)
    with pytest.raises(Missing):
        await vault.get(id)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


async def test_a_stream_that_breaks_leaves_nothing_and_its_error_comes_through(vault: Vault) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * FRAME * 2
        raise RuntimeError("the caller hung up")

    id = uuid4()
    with pytest.raises(RuntimeError, match="the caller hung up"):
        await vault.put_stream(id, broken())
    assert await vault.holds(id) is False


async def test_rotation_rewraps_keys_and_leaves_bodies_alone(tmp_path: Path) -> None:
    old, ids = Vault.at(tmp_path.as_uri(), KEYS), [uuid4() for _ in range(5)]
    for id in ids:
        await old.put_new(id, id.bytes)
    bodies = {id: body(tmp_path, id).read_bytes() for id in ids}
    new = Vault.at(tmp_path.as_uri(), BOTH)
    assert [await new.rotate(), await new.rotate()] == [5, 0]
    assert {id: body(tmp_path, id).read_bytes() for id in ids} == bodies
    only_new = Vault.at(tmp_path.as_uri(), Keys("k2", {"k2": b"2" * 32}))
    assert [await only_new.get(id) for id in ids] == [id.bytes for id in ids]
    with pytest.raises(Damaged):
        await old.get(ids[0])


def test_a_digest_is_recognised_after_a_rotation_and_only_with_the_key() -> None:
    digest = KEYS.digest(b"content")
    assert [BOTH.matches(digest, b"content"), BOTH.matches(digest, b"other")] == [True, False]
    assert Keys("k2", {"k2": b"2" * 32}).matches(digest, b"content") is False


@pytest.mark.parametrize("keys", [{}, {"k1": "c2hvcnQ="}, {"k1": "not base64!"}])
def test_bad_keys_are_refused_at_start(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any of its kind
        Keys.parse(json.dumps({"current": "k1", "keys": keys}))


def test_keys_do_not_show() -> None:
    assert repr(KEYS) == "Keys(current='k1')"


async def test_rotation_tells_how_far_it_is_and_passes_over_what_is_erased_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, ids = Vault.at(tmp_path.as_uri(), KEYS), [uuid4() for _ in range(3)]
    for id in ids:
        await old.put_new(id, id.bytes)
    new, told, read = Vault.at(tmp_path.as_uri(), BOTH), list[tuple[int, int]](), Vault._get

    async def erased_first(self: Vault, path: str) -> bytes:
        await self.erase(ids[0])
        return await read(self, path)

    monkeypatch.setattr(Vault, "_get", erased_first)
    assert (await new.rotate(lambda seen, anew: told.append((seen, anew))), told[-1]) == (2, (3, 2))
