"""The proxies that the environment names, and the hosts that it excludes from them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.request import getproxies, proxy_bypass


@dataclass(frozen=True)
class Proxies:
    """The proxy for each scheme, and the hosts to connect to without a proxy.

    Attributes
    ----------
    addresses : mapping of str to str
        The URL of the proxy for ``http``, ``https`` and ``all``.
    excluded : tuple of str
        The entries of ``NO_PROXY``: host names, domains, IP addresses and networks, or ``*``.
    """

    addresses: Mapping[str, str]
    excluded: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, schemes: tuple[str, ...] = ("http", "https", "all")) -> Proxies:
        """Read ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, or the settings of the system."""
        found = getproxies()
        addresses = {name: found[name] for name in schemes if found.get(name)}
        excluded = (entry.strip() for entry in found.get("no", "").split(","))
        return cls(
            {name: address if "://" in address else f"http://{address}" for name, address in addresses.items()},
            tuple(entry for entry in excluded if entry),
        )

    def of(self, scheme: str, host: str, port: int | None = None) -> str | None:
        """Return the URL of the proxy for a request, or None.

        Examples
        --------
        >>> proxies = Proxies({"https": "http://proxy:3128"}, ("intranet", "10.0.0.0/8"))
        >>> proxies.of("https", "example.org"), proxies.of("http", "example.org")
        ('http://proxy:3128', None)
        >>> proxies.of("https", "www.intranet"), proxies.of("https", "10.1.2.3")
        (None, None)
        """
        address = self.addresses.get(scheme) or self.addresses.get("all")
        if address is None or any(_matches(entry, host, port) for entry in self.excluded):
            return None
        return None if not self.excluded and proxy_bypass(host) else address


def _matches(entry: str, host: str, port: int | None) -> bool:
    """Return whether a host is excluded by an entry of ``NO_PROXY``."""
    if entry == "*":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = entry.lower().removeprefix("*").removeprefix(".")
        names = (host.lower(), f"{host.lower()}:{port}")
        return any(known == name or known.endswith(f".{name}") for known in names)
    if entry in (f"{host}:{port}", f"[{address}]:{port}"):
        return True
    try:
        return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except (ValueError, TypeError):
        return False
