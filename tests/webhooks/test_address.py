"""Where webhooks may go, and that they go to the address that was judged, whatever the name says next."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangping.errors import Refused
from mangping.webhooks.address import Forbidden, is_allowed, judge, read, resolve_name

FORBIDDEN = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254", "168.63.129.16",
    "169.254.169.254", "169.254.0.23", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "100::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fec0::1", "ff02::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]  # fmt: skip
ALLOWED = [
    "1.1.1.1",
    "8.8.8.8",
    "114.114.114.114",
    "223.5.5.5",
    "2400:3200::1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("number", FORBIDDEN)
def test_inner_addresses_are_forbidden(number: str) -> None:
    assert is_allowed(ip_address(number)) is False


@pytest.mark.parametrize("number", ALLOWED)
def test_public_addresses_are_allowed(number: str) -> None:
    assert is_allowed(ip_address(number)) is True


@pytest.mark.parametrize("number", FORBIDDEN)
def test_the_local_stack_may_speak_to_itself_and_to_nothing_else_that_is_inner(number: str) -> None:
    itself = number in ("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "2002:7f00:1::")
    assert is_allowed(ip_address(number), local=True) is itself


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(number: object) -> None:
    address = ip_address(str(number))
    mapped = ip_address(f"::ffff:{number}")
    nat = ip_address(int(ip_address("64:ff9b::")) + int(address))
    assert {is_allowed(mapped), is_allowed(nat)} == {is_allowed(address)}


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://u:p@example.org/",
        "https://u@example.org/", "https://example.org/#part", "https://example.org:99999/", "https://example.org:x/",
        "https://[::1", "file:///etc/passwd", "https://例子.中国/", "https://example.org/" + "x" * 500, "https://exa mple.org/\n",
    ],
)  # fmt: skip
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        read(url)
    assert refused.value.code == "webhook.url"


def test_plain_http_is_for_the_local_stack() -> None:
    assert read("http://127.0.0.1:8000/hook", local=True).port == 8000
    assert (read("https://example.org/hook").host, read("https://example.org./hook").host) == ("example.org",) * 2


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
async def test_every_way_to_write_loopback_is_seen_through(host: str) -> None:
    with pytest.raises((Forbidden, Refused)) as fault:
        await judge(read(f"https://{host}/"), resolve=resolve_name)
    assert getattr(fault.value, "code", None) in ("address_forbidden", "webhook.url")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ([], "name_unknown"),
        (["10.0.0.1"], "address_forbidden"),
        (["8.8.8.8", "10.0.0.1"], "address_forbidden"),  # one inner address spoils the name
        (["fe80::1%eth0"], "address_forbidden"),
        (["garbage"], "name_unknown"),
    ],
)
async def test_a_name_is_what_it_resolves_to(told: list[str], code: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return told

    with pytest.raises(Forbidden) as forbidden:
        await judge(read("https://hooks.example.org/"), resolve=resolve)
    assert forbidden.value.code == code


async def test_public_names_are_let_through() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        assert (host, port) == ("hooks.example.org", 8443)
        return ["8.8.8.8", "2400:3200::1"]

    found = await judge(read("https://hooks.example.org:8443/"), resolve=resolve)
    assert [str(one) for one in found] == ["8.8.8.8", "2400:3200::1"]
