"""Parses the URLs of web servers as browsers do."""

from __future__ import annotations

import base64
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from imagemood import _extras
from imagemood.errors import InputError
from imagemood.pictures.reading.urls import WEB, clean, display_name

_FORBIDDEN_IN_HOST = re.compile(r'[\x00-\x20\x7f"#%/:<>?@\[\\\]^|]')
# What browsers do not encode in paths and queries, besides letters and digits; "%" is kept as it is.
_SAFE_IN_PATH = "!$%&'()*+,-./:;=@[\\]_|~"
_SAFE_IN_QUERY = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_MAX_LENGTH = 60_000


@dataclass(frozen=True)
class WebAddress:
    """The parts of the URL of a web server that are needed for a request.

    Attributes
    ----------
    url : str
        The URL in ASCII, without user name, password and fragment.
    authorization : str or None
        The value of the header ``Authorization``, if the URL contains a user name or a password.
    """

    url: str
    authorization: str | None = None


def parse(address: str) -> WebAddress:
    r"""Parse the URL of a web server as browsers do.

    Spaces and characters outside ASCII are encoded; what is already encoded, and a single ``%``, is kept. Host
    names outside ASCII are encoded by the rules of UTS #46. Backslashes before the query count as slashes.

    Raises
    ------
    InputError
        If the URL is not valid.

    Examples
    --------
    >>> parse(r"http:/Bücher.example\a b%20ü.jpg?q=ä#top").url
    'http://xn--bcher-kva.example/a%20b%20%C3%BC.jpg?q=%C3%A4'
    """
    text = clean(address)
    found = WEB.match(text)
    if found is None or len(text) > _MAX_LENGTH:
        raise _invalid(address, "too long" if found else "not an HTTP(S) URL")
    location, question, query = text[found.end() :].partition("#")[0].partition("?")
    authority, slash, path = location.replace("\\", "/").partition("/")
    user_info, at, host_and_port = authority.rpartition("@")
    try:
        encoded = _quote(slash + path, _SAFE_IN_PATH) + question + _quote(query, _SAFE_IN_QUERY)
        authorization = _basic(user_info) if at else None
        url = f"{found[1].lower()}://{_host_and_port(host_and_port, address)}{encoded}"
    except UnicodeError as error:
        raise _invalid(address, "invalid characters") from error
    return WebAddress(url, authorization)


def _host_and_port(text: str, address: str) -> str:
    if text.startswith("["):
        ip, bracket, port = text[1:].partition("]")
        if not bracket or not _is_ipv6(ip):
            raise _invalid(address, "invalid host name")
        host, port = f"[{ip}]", port.removeprefix(":") if port.startswith(":") or not port else "?"
    else:
        host, _, port = text.partition(":")
        host = _encode_host(unquote_to_bytes(host.encode("utf-8", "surrogateescape")).decode(), address)
    if not host:
        raise _invalid(address, "no host name")
    if port and not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise _invalid(address, "invalid port")
    return f"{host}:{port}" if port else host


def _is_ipv6(text: str) -> bool:
    """Return whether a text is an IPv6 address, without the name of a network interface."""
    try:
        return ipaddress.IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _encode_host(host: str, address: str) -> str:
    if not host.isascii():
        with _extras.needs("web"):
            import idna  # noqa: PLC0415 (rarely needed)

        try:
            # Without the stricter check of idna.encode, which refuses the emoji that browsers accept.
            mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        except idna.IDNAError as error:
            raise _invalid(address, "invalid host name") from error
        host = ".".join(map(_encode_label, mapped.split(".")))
    labels = host.removesuffix(".").split(".")
    if host and (_FORBIDDEN_IN_HOST.search(host) or not all(1 <= len(label) <= 63 for label in labels)):
        raise _invalid(address, "invalid host name")
    return host.lower()


def _encode_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _quote(text: str, safe: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe=safe)


def _basic(user_info: str) -> str:
    user, _, password = user_info.partition(":")
    parts = [unquote_to_bytes(part.encode("utf-8", "surrogateescape")) for part in (user, password)]
    return f"Basic {base64.b64encode(b':'.join(parts)).decode()}"


def _invalid(address: str, reason: str) -> InputError:
    return InputError(f"not a valid URL: {reason}", where=display_name(address))
