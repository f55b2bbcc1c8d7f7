"""Where a bundle goes, and what the server knows its sender by."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Credentials:
    """What the server knows a user by: a token, or name and password to get one with. Never shown.

    Attributes
    ----------
    token : str or None
        An onboarding token.
    username, password : str or None
        What the authentication address asks for.
    """

    token: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Credentials:
        """Take credentials from where other users of the machine cannot see them.

        Parameters
        ----------
        environment : mapping
            With ``ACUMOS_TOKEN``, or ``ACUMOS_USERNAME`` and ``ACUMOS_PASSWORD``.

        Returns
        -------
        Credentials
            What was found.

        Examples
        --------
        >>> Credentials.from_environment({"ACUMOS_TOKEN": "secret"})
        Credentials()
        """
        names = ("ACUMOS_TOKEN", "ACUMOS_USERNAME", "ACUMOS_PASSWORD")
        return cls(*(environment.get(name) or None for name in names))

    def hide(self, text: str) -> str:
        """Blot the secrets out of a text.

        Parameters
        ----------
        text : str
            What a server said.

        Returns
        -------
        str
            The same without token and password.
        """
        for secret in (self.token, self.password):
            if secret:
                text = text.replace(secret, "***")
        return text


@dataclass(frozen=True)
class Destination:
    """Where a bundle goes, and what the server is to do with it.

    Attributes
    ----------
    push_address : str
        URL of the onboarding API.
    auth_address : str or None
        URL that gives a token for user name and password.
    create_microservice, deploy : bool
        Whether the server is to build an image, and to deploy it.
    """

    push_address: str
    auth_address: str | None = None
    create_microservice: bool = True
    deploy: bool = False

    @property
    def insecure(self) -> list[str]:
        """The addresses to which secrets would travel in plain sight."""
        given = [address for address in (self.push_address, self.auth_address) if address]
        return [a for a in given if urlsplit(a).scheme == "http" and urlsplit(a).hostname not in _LOCAL]
