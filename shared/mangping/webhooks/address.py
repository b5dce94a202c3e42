"""Where a webhook may go: over TLS to public addresses, and then to the very address that was judged.

`local` is for the stack on a developer's machine: plain HTTP and loopback are let through there, and nothing else is.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from mangping.errors import MangpingError, Refused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]  # numeric addresses of a name; OSError when it has none

MAX_URL = 500
_MAX_ADDRESSES = 4
# Public to every table of the registries, yet answered inside a cloud: its hosts' own services.
_CLOUD = frozenset(map(ip_address, ("168.63.129.16", "100.100.100.200", "169.254.169.254", "fd00:ec2::254")))
_NAT64 = ip_network("64:ff9b::/96")
_PROTOCOLS = ip_network("192.0.0.0/24")  # Python's own table lets parts of it through


class Forbidden(MangpingError):
    """Nothing is sent there. `code` is stable: address_forbidden, or name_unknown."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    url: httpx.URL
    port: int

    @property
    def host(self) -> str:
        return self.url.host.rstrip(".")


def read(text: str, *, local: bool = False) -> Place:
    """Refused (422) for anything but an absolute https URL without user, password and fragment."""
    try:
        url = httpx.URL(text)
        place = Place(url, url.port or (443 if url.scheme == "https" else 80))
    except (httpx.InvalidURL, ValueError, UnicodeError):
        raise _refused() from None
    secure = url.scheme == "https" or (local and url.scheme == "http")
    plain = not url.userinfo and not url.fragment and text.isascii() and len(text) <= MAX_URL
    if not secure or not place.host or not plain or not 0 < place.port < 65536:
        raise _refused()
    return place


async def resolve_name(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def judge(place: Place, *, local: bool = False, resolve: Resolve = resolve_name) -> list[Address]:
    """The addresses to connect to, in order. Raises Forbidden when even one of them may not be spoken to."""
    try:
        told = await resolve(place.host, place.port)
        addresses = [ip_address(one.partition("%")[0]) for one in told]
    except (OSError, ValueError, UnicodeError) as error:
        raise Forbidden("name_unknown") from error
    if not addresses:
        raise Forbidden("name_unknown")
    if not all(is_allowed(one, local=local) for one in addresses):
        raise Forbidden("address_forbidden")
    return addresses[:_MAX_ADDRESSES]


def is_allowed(address: Address, *, local: bool = False) -> bool:
    """Public unicast only; an IPv4 address that travels inside an IPv6 one is judged as what it is."""
    if isinstance(address, IPv6Address) and (inside := _inside(address)) is not None:
        return is_allowed(inside, local=local)
    if local and address.is_loopback:
        return True
    inner = address.is_multicast or address.is_reserved or (isinstance(address, IPv6Address) and address.is_site_local)
    return address.is_global and not inner and address not in _CLOUD and address not in _PROTOCOLS


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _refused() -> Refused:
    message, remedy = "回调地址不符合要求。", "请填写以 https:// 开头的公网地址，不带用户名、密码和 # 片段。"
    return Refused("webhook.url", message, remedy)


def unreachable(fault: Forbidden) -> Refused:
    """As the one who registers an endpoint is told."""
    if fault.code == "name_unknown":
        return Refused("webhook.name_unknown", "回调地址的域名无法解析。", "请核对域名后重试。")
    message, remedy = "回调地址指向内网、本机或保留网段。", "请改用公网可访问的地址。"
    return Refused("webhook.address_forbidden", message, remedy)
