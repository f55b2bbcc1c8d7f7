"""Distinguishes the IP addresses of the public internet from all others.

The ranges are listed here, since the answers of `ipaddress.is_global` differ between versions of Python.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network

# Every range of IANA's registry of special-purpose addresses, as published in September 2026
# (https://www.iana.org/assignments/iana-ipv4-special-registry), and the ranges that follow. The ranges that the
# registry calls globally reachable are included, since they are for protocols that have no pictures.
_SPECIAL_IPV4 = {
    "0.0.0.0/8": "this network (RFC 1122)",
    "10.0.0.0/8": "private use (RFC 1918)",
    "100.64.0.0/10": "shared address space (RFC 6598)",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "169.254.0.0/16": "link-local (RFC 3927), where clouds serve metadata and credentials",
    "172.16.0.0/12": "private use (RFC 1918)",
    "192.0.0.0/24": "protocol assignments (RFC 6890)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.31.196.0/24": "AS112 (RFC 7535)",
    "192.52.193.0/24": "multicast tunnels (RFC 7450)",
    "192.88.99.0/24": "6to4 relays, deprecated (RFC 7526)",
    "192.168.0.0/16": "private use (RFC 1918)",
    "192.175.48.0/24": "AS112 (RFC 7534)",
    "198.18.0.0/15": "benchmarking (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "240.0.0.0/4": "reserved, and limited broadcast (RFC 1112, RFC 919)",
    # Not in the registry:
    "224.0.0.0/4": "multicast (RFC 5771)",
    "168.63.129.16/32": "the platform services of Azure, which only its own virtual machines reach",
}
# All other addresses are private, reserved or not assigned, such as loopback, link-local, site-local, unique
# local, multicast, IPv4-mapped and IPv4-compatible addresses.
_PUBLIC_IPV6 = {"2000::/3": "global unicast (https://www.iana.org/assignments/ipv6-address-space)"}
# Those ranges of IANA's registry of the same month that are global unicast
# (https://www.iana.org/assignments/iana-ipv6-special-registry).
_SPECIAL_IPV6 = {
    "2001::/23": "protocol assignments (RFC 2928), which include Teredo, ORCHID and benchmarking",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2002::/16": "6to4 (RFC 3056), deprecated; contains an IPv4 address",
    "2620:4f:8000::/48": "AS112 (RFC 7534)",
    "3fff::/20": "documentation (RFC 9637)",
}
_ANY_PORT = 9
# Networks without IPv4 reach public servers through these addresses, whose last 32 bits are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; 64:ff9b:1::/48 (RFC 8215) is for private networks


def _networks(ranges: Mapping[str, str]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, ranges))


_SPECIAL_IPV4_NETWORKS = _networks(_SPECIAL_IPV4)
_SPECIAL_IPV6_NETWORKS = _networks(_SPECIAL_IPV6)
_PUBLIC_IPV6_NETWORKS = _networks(_PUBLIC_IPV6)


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet.

    Addresses for special purposes are not, such as private, loopback, link-local and multicast addresses. The
    answer is also no for IPv6 addresses with a zone, and for text that is not an address.

    Examples
    --------
    >>> [is_public(address) for address in ("1.1.1.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False, False]
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not _is_in(ip, _SPECIAL_IPV4_NETWORKS)
    if ip.scope_id is not None:
        return False
    if ip in _NAT64:
        return is_public(str(IPv4Address(int(ip) & 0xFFFF_FFFF)))
    return _is_in(ip, _PUBLIC_IPV6_NETWORKS) and not _is_in(ip, _SPECIAL_IPV6_NETWORKS)


def is_elsewhere(address: str) -> bool:
    """Return whether an IP address is on the public internet, and not one of this machine itself.

    A firewall does not protect a machine from itself. No data is sent to find out.
    """
    if not is_public(address):
        return False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, _ANY_PORT))
            return bool(probe.getsockname()[0] != address)  # the system sends from the address itself to its own
    except OSError:  # no route: a connection will fail in the same manner
        return True


def _is_in(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Iterable[IPv4Network | IPv6Network]
) -> bool:
    return any(ip in network for network in networks)
