"""The address of an onboarding server, and the credentials of the user who pushes a bundle."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from imagemood.errors import InputError

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Credentials:
    """Credentials for an onboarding server; their representation does not show them.

    Attributes
    ----------
    token : str or None
        An onboarding token.
    username, password : str or None
        User name and password, with which a token can be requested from the authentication address.
    """

    token: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """Read ``ACUMOS_TOKEN``, ``ACUMOS_USERNAME`` and ``ACUMOS_PASSWORD``; empty values count as missing.

        Examples
        --------
        >>> Credentials.from_environment({"ACUMOS_TOKEN": "secret"})
        Credentials()
        """
        names = ("ACUMOS_TOKEN", "ACUMOS_USERNAME", "ACUMOS_PASSWORD")
        return cls(*(environment.get(name) or None for name in names))

    def redact(self, text: str) -> str:
        """Replace token and password with asterisks.

        Examples
        --------
        >>> Credentials("secret").redact("invalid token: secret")
        'invalid token: ***'
        """
        for secret in (self.token, self.password):
            if secret:
                text = text.replace(secret, "***")
        return text


@dataclass(frozen=True)
class Destination:
    """The server that a bundle is pushed to, and what the server should do with it.

    Attributes
    ----------
    push_address : str
        URL of the onboarding API.
    auth_address : str or None
        URL of the authentication API, which issues a token for a user name and password.
    create_microservice : bool
        Whether the server should build a Docker image.
    deploy : bool
        Whether the server should also deploy the image.
    """

    push_address: str
    auth_address: str | None = None
    create_microservice: bool = True
    deploy: bool = False

    @property
    def insecure_addresses(self) -> list[str]:
        """The addresses to which credentials would be sent unencrypted: http, and not on this machine."""
        addresses = [address for address in (self.push_address, self.auth_address) if address]
        parts = {address: urlsplit(address) for address in addresses}
        return [a for a in addresses if parts[a].scheme == "http" and parts[a].hostname not in _LOCAL_HOSTS]


def check(destination: Destination, credentials: Credentials) -> None:
    """Raise `InputError` if an address is not a URL, or if credentials are missing.

    Examples
    --------
    >>> check(Destination("https://acumos.example.org/models"), Credentials("secret"))
    """
    for address in filter(None, (destination.push_address, destination.auth_address)):
        if not _is_url(address):
            raise InputError("not an HTTP(S) URL", where=address)
    if credentials.token:
        return
    if not (credentials.username and credentials.password):
        raise InputError("no credentials", hint="set ACUMOS_TOKEN, or ACUMOS_USERNAME and ACUMOS_PASSWORD")
    if not destination.auth_address:
        raise InputError("no authentication address", hint="add -A URL, or set ACUMOS_AUTH or ACUMOS_TOKEN")


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
