from __future__ import annotations

import ipaddress
import sys
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.serve.request_bodies import public_addresses
from imagemood.serve.request_bodies.public_addresses import is_elsewhere, is_public

SPECIAL = (
    *("0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1"),  # noqa: S104
    *("169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9"),
    *("192.0.0.170", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.1.1"),
    *("192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200"),
    *(
        "::",
        "::1",
        "::7f00:1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:10.0.0.1",
    ),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b:1::8.8.8.8"),
    *("64:ff9b:0:0:1::8.8.8.8", "100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *(
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
    ),
    *("2620:4f:8000::1", "3fff::1", "3fff:fff::1", "5f00::1", "4000::1", "fc00::1", "fd00:ec2::254", "fe80::1"),
    *("fe80::1%eth0", "fec0::1", "feff::1", "ff02::1", "ff0e::1", "2606:4700:4700::1111%eth0", "::ffff:1.1.1.1%1"),
)
PUBLIC = (
    *("1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255", "100.128.0.0", "168.63.129.15"),
    *("172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700:4700::1111"),
    *("2a00:1450:4001:81b::200e", "3ffe:ffff::1", "3fff:1000::1", "64:ff9b::8.8.8.8", "64:ff9b::101:101"),
)
NOT_ADDRESSES = (
    "",
    " ",
    "localhost",
    "1.1.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "1.1.1.1 ",
    "1.1.1.1.",
    "[::1]",
    "::g",
)
# What IANA's registries list as globally reachable or do not list, but is_public refuses.
REFUSED_BY_CHOICE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("192.0.0.9/32", "192.0.0.10/32", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
            *("192.175.48.0/24", "168.63.129.16/32", "224.0.0.0/4"),
            *(
                "2001::/23",
                "2620:4f:8000::/48",
                "3fff::/20",
                "::/8",
                "100::/8",
                "200::/7",
                "400::/6",
                "800::/5",
                "1000::/4",
            ),
            *("4000::/2", "8000::/1"),
        ),
    )
)


def edges():
    """Addresses at the ends of the ranges, and just outside of them."""
    tables = (public_addresses._SPECIAL_IPV4, public_addresses._SPECIAL_IPV6, public_addresses._PUBLIC_IPV6)
    for network in map(ipaddress.ip_network, (text for table in tables for text in table)):
        for end, step in ((network[0], -1), (network[-1], 1)):
            yield end
            if 0 <= int(end) + step < 2**network.max_prefixlen:
                yield end + step


ADDRESSES = st.ip_addresses() | st.sampled_from(sorted(edges(), key=str))


@pytest.mark.parametrize("address", SPECIAL + NOT_ADDRESSES)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_public(address):
    assert is_public(address)


@given(ADDRESSES)
def test_every_public_address_is_global_for_the_standard_library(address):
    if is_public(str(address)):
        assert address.is_global
        assert not address.is_multicast


if sys.version_info >= (3, 13):  # older versions have incomplete lists

    @given(ADDRESSES)
    def test_every_global_address_is_public_with_few_exceptions(address):
        if address.is_global and not any(address in network for network in REFUSED_BY_CHOICE):
            assert is_public(str(address))


@given(st.ip_addresses(v=4))
def test_no_notation_of_an_ipv4_address_is_public_unless_the_address_is(address):
    number = int(address)
    teredo = IPv6Address((0x2001_0000 << 96) | (0x4136_E378 << 64) | (number ^ 0xFFFF_FFFF))
    embedded = {
        "mapped": IPv6Address((0xFFFF << 32) | number),
        "compatible": IPv6Address(number),
        "translated": IPv6Address((0xFFFF << 48) | number),
        "6to4": IPv6Address((0x2002 << 112) | (number << 80)),
        "Teredo": teredo,
        "local NAT64": IPv6Address((0x64_FF9B_0001 << 80) | number),
    }
    assert not any(is_public(str(ip)) for ip in embedded.values())
    nat64 = IPv6Address((0x64_FF9B << 96) | number)
    assert is_public(str(nat64)) == is_public(str(IPv4Address(number)))


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "169.254.169.254", "x"])
def test_addresses_that_are_not_public_are_not_elsewhere(address):
    assert not is_elsewhere(address)


def test_addresses_of_this_machine_are_not_elsewhere(monkeypatch):
    monkeypatch.setattr(public_addresses, "is_public", lambda _: True)  # as if they were public
    assert not is_elsewhere("127.0.0.1")
    assert is_elsewhere("192.0.2.255")  # for documentation: no machine has it


@given(st.text(max_size=50))
def test_other_text_is_not_public(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert not is_public(text)
