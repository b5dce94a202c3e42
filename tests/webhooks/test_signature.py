"""Signatures: the standard's own vector, the one with SM3, and every way of being wrong."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given
from hypothesis import strategies as st
from mangping.errors import Refused
from mangping.webhooks import signature
from mangping.webhooks.signature import ALGORITHMS, Secret, Verified, sign, verify

# Published with the standard.
SECRET = Secret.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
V1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
V1SM3 = "v1sm3,/HoSFIzweCy/UJPM50++HyVPa/54PFXtLisZ9sIFN1I="  # checked against `openssl mac -digest sm3 HMAC`
OTHER = Secret(b"another secret of enough bytes")


def headers(signature: str, *, message_id: str = ID, at: datetime = AT) -> dict[str, str]:
    seconds = str(int(at.timestamp()))
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signature}


def code_of(
    told: dict[str, str], body: bytes = BODY, now: datetime = AT, algorithms: tuple[str, ...] = ALGORITHMS
) -> str:
    with pytest.raises(Refused) as refused:
        verify([SECRET], told, body, now, algorithms=algorithms)
    return refused.value.code


def test_the_published_vector() -> None:
    assert sign([SECRET], ID, AT, BODY, ["v1"]) == headers(V1)
    assert verify([SECRET], headers(V1), BODY, AT) == Verified(ID, AT)


def test_the_vector_with_sm3() -> None:
    digest = Hash(SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sign([SECRET], ID, AT, BODY) == headers(f"{V1} {V1SM3}")
    assert verify([SECRET], headers(V1SM3), BODY, AT) == Verified(ID, AT)


def test_names_of_headers_are_in_any_case() -> None:
    told = {name.title(): value for name, value in headers(V1).items()}
    assert verify([SECRET], told, BODY, AT).id == ID


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=500), st.integers(10**9, 4 * 10**9))
def test_what_is_signed_verifies(key: bytes, body: bytes, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert verify([Secret(key)], sign([Secret(key)], "id_1", at, body), body, at) == Verified("id_1", at)


@given(st.integers(0, 7), st.data())
def test_any_bit_changed_is_refused(bit: int, data: st.DataObject) -> None:
    body = bytearray(BODY)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << bit
    assert code_of(headers(f"{V1} {V1SM3}"), bytes(body)) == "webhook.signature"
    mac = bytearray(base64.b64decode(V1.removeprefix("v1,")))
    mac[data.draw(st.integers(0, 31))] ^= 1 << bit
    assert code_of(headers("v1," + base64.b64encode(mac).decode())) == "webhook.signature"


@pytest.mark.parametrize(
    "signature",
    ["v1", "v1,", V1.replace("v1,", "v1a,"), V1.replace("v1,", "v1sm3,"), "v1,é", V1[:-1], "x" * 4000],
)
def test_another_signature_is_refused(signature: str) -> None:
    assert code_of(headers(signature)) == "webhook.signature"


def test_the_id_and_the_time_are_signed_too() -> None:
    assert code_of(headers(V1, message_id="msg_other")) == "webhook.signature"
    assert code_of(headers(V1, at=AT + timedelta(seconds=1))) == "webhook.signature"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_refused(name: str) -> None:
    assert code_of({key: value for key, value in headers(V1).items() if key != name}) == "webhook.headers"


@pytest.mark.parametrize(
    ("name", "value"), [("webhook-timestamp", "1e9"), ("webhook-timestamp", "-1"), ("webhook-id", "a.b")]
)
def test_a_header_that_could_mean_two_things_is_refused(name: str, value: str) -> None:
    assert code_of({**headers(V1), name: value}) == "webhook.headers"


@pytest.mark.parametrize(("seconds", "right"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_five_minutes_either_way(seconds: int, right: bool) -> None:
    now = AT + timedelta(seconds=seconds)
    if right:
        assert verify([SECRET], headers(V1), BODY, now).id == ID
    else:
        assert code_of(headers(V1), now=now) == "webhook.timestamp"


def test_a_strange_clock_is_not_told_to_strangers() -> None:
    assert code_of(headers("v1,AAAA"), now=AT + timedelta(days=9)) == "webhook.signature"


def test_rotation_both_ways() -> None:
    both = sign([OTHER, SECRET], ID, AT, BODY)
    assert len(both["webhook-signature"].split(" ")) == 4
    assert verify([SECRET], both, BODY, AT).id == verify([OTHER], both, BODY, AT).id == ID
    assert verify([OTHER, SECRET], headers(V1), BODY, AT).id == ID
    with pytest.raises(Refused):
        verify([OTHER], headers(V1), BODY, AT)


def test_a_profile_may_demand_sm3() -> None:
    assert code_of(headers(V1), algorithms=("v1sm3",)) == "webhook.signature"
    assert verify([SECRET], headers(f"{V1} {V1SM3}"), BODY, AT, algorithms=("v1sm3",)).id == ID


def test_macs_are_compared_in_constant_time() -> None:
    with patch("hmac.compare_digest", wraps=hmac.compare_digest) as compared:
        verify([OTHER, SECRET], headers(f"{V1} {V1SM3}"), BODY, AT)
    assert compared.call_count == 4  # each pair of secret and algorithm, none left out after the first hit


def test_a_body_is_bounded() -> None:
    assert code_of(headers(V1), b"x" * (signature.MAX_BODY + 1)) == "webhook.too_large"


@pytest.mark.parametrize("text", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_*", "whsec_" + "A" * 88])
def test_a_weak_or_foreign_secret_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 bytes") as fault:
        Secret.read(text)
    assert not text or text not in str(fault.value)
    assert "AAAA" not in repr(OTHER)
