"""The hosts that requests may be addressed to, against DNS rebinding.

The owner of a domain can let its name resolve to this machine. A browser then considers the service a part of that
site, whose pages may read all its responses. Only the header ``Host`` shows this, since it states that name.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Sequence

from imagemood.errors import InputError

_HOST = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-f:.]{2,45})\]|(?P<name>[a-z0-9_.-]{1,254}))(?::(?P<port>[0-9]{0,5}))?", re.ASCII
)
_MAX_PORT = 65535
_LOOPBACK = (".localhost",)
# Domains that the public DNS does not have, so that nobody can register a name in them.
_LOCAL_DOMAINS = (*_LOOPBACK, ".local", ".internal", ".home.arpa")


def parse_host(value: str) -> str | None:
    """Return the host in a value of the header ``Host``, without port and final dot, or None if it is not valid.

    Examples
    --------
    >>> parse_host("LocalHost.:8887"), parse_host("[0:0::1]:8887"), parse_host("me@example.org"), parse_host("")
    ('localhost', '::1', None, None)
    """
    found = _HOST.fullmatch(value.lower())
    if found is None or int(found["port"] or 0) > _MAX_PORT:
        return None
    if found["name"]:
        name = found["name"].removesuffix(".")
        return name if all(name.split(".")) else None
    try:
        return str(ipaddress.IPv6Address(found["ipv6"]))
    except ValueError:
        return None


def with_host_of_target(headers: Sequence[tuple[bytes, bytes]], target: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request whose target is a URL, whose host takes precedence over ``Host`` (RFC 9112).

    Examples
    --------
    >>> with_host_of_target([(b"host", b"localhost")], b"http://attacker.example:80/")
    [(b'host', b'attacker.example:80')]
    """
    import httptools  # noqa: PLC0415 (only the server needs it)

    url = httptools.parse_url(target)
    if url.host is None:
        return list(headers)
    host = b"[%s]" % url.host if b":" in url.host else url.host
    port = b"" if url.port is None else b":%d" % url.port
    return [(b"host", host + port), *((name, value) for name, value in headers if name != b"host")]


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine for itself only: ``localhost``, ``127.0.0.1``, ``::1`` and the like.

    Examples
    --------
    >>> is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("localhost.example.org")
    (True, True, False, False)
    """
    address = _address(host)
    if address is None:
        name = host.lower()
        return name == "localhost" or name.endswith(_LOOPBACK)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class AllowedHosts:
    """The hosts that requests may be addressed to.

    The names and addresses of loopback are always allowed. If the service is bound to another interface, so are
    its name, the name of the machine, all IP addresses, and names that only local networks have: those without a
    dot, and those in the domains ``local``, ``internal`` and ``home.arpa``. No website can have such a host.

    Parameters
    ----------
    patterns : sequence of str
        Further hosts: ``example.org``, ``*.example.org`` for its subdomains, ``.example.org`` for both, or ``*``
        for all.
    interface : str
        Name or address of the interface that the service is bound to.

    Raises
    ------
    InputError
        If a pattern is not valid.

    Examples
    --------
    >>> hosts = AllowedHosts(["*.example.org"], "127.0.0.1")
    >>> [hosts.allows(host) for host in ("localhost", "mood.example.org", "attacker.example", "10.0.0.1")]
    [True, True, False, False]
    """

    def __init__(self, patterns: Sequence[str] = (), interface: str = "127.0.0.1") -> None:
        self._allows_all = "*" in patterns
        names, domains = _parse_patterns(patterns)
        self._is_local = is_loopback(interface)
        if not self._is_local:
            names |= {interface.lower(), socket.gethostname().lower()}
        self._names = frozenset(names)
        self._domains = (*(_LOOPBACK if self._is_local else _LOCAL_DOMAINS), *domains)

    def allows(self, host: str) -> bool:
        """Return whether a host, as `parse_host` returns it, is allowed."""
        if self._allows_all or host in self._names or host.endswith(self._domains) or is_loopback(host):
            return True
        return not self._is_local and ("." not in host or _address(host) is not None)


def _parse_patterns(patterns: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the names and, with a dot before them, the domains whose names are allowed."""
    names, domains = set(), set()
    for pattern in patterns:
        if pattern == "*":
            continue
        name = pattern.removeprefix("*.").removeprefix(".")
        host = _parse_pattern(name, pattern)
        if not pattern.startswith("*"):
            names.add(host)
        if name != pattern:
            domains.add(f".{host}")
    return names, domains


def _parse_pattern(name: str, pattern: str) -> str:
    address = _address(name)
    if address is not None:
        return str(address)
    with contextlib.suppress(UnicodeError):
        ascii_name = name if name.isascii() else name.encode("idna").decode()
        host = parse_host(ascii_name)
        if host is not None and (":" not in ascii_name or ascii_name.startswith("[")):
            return host
    raise InputError(
        f"'{pattern}' is not a host", where="--allowed-hosts", hint="for example mood.example.org or *.example.org"
    )
