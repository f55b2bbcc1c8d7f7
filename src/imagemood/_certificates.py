"""The certificate authorities that connections to servers trust."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from imagemood import _extras
from imagemood.errors import InputError, first_line

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables that name a file or folder of certificate authorities; the first one that is set counts."""


def use(ca_file: str | Path | None) -> None:
    """Trust the authorities in a file or folder instead of the default ones, in this process and those it starts.

    None changes nothing.

    Raises
    ------
    InputError
        If the file cannot be read, or contains no certificates.
    """
    if ca_file is None:
        return
    path = Path(ca_file).absolute()
    _load(path, where=str(ca_file))
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ["SSL_CERT_DIR" if path.is_dir() else "SSL_CERT_FILE"] = str(path)


def ssl_context() -> ssl.SSLContext:
    """Return the settings of encrypted connections, which trust the authorities that the environment names.

    By default, these are the authorities of the system and of Mozilla.

    Raises
    ------
    InputError
        If the file or folder that the environment names cannot be used.
    """
    found = _from_environment()
    if found is not None:
        name, path = found
        return _load(path, where=f"{path} ({name})")
    with _extras.needs("web"):
        import httpx  # noqa: PLC0415 (slow to import)

    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def authorities() -> str | None:
    """Return the authorities that the environment names, in PEM format; None if it names none.

    Raises
    ------
    InputError
        If the file or folder that the environment names cannot be used.
    """
    found = _from_environment()
    if found is None:
        return None
    name, path = found
    _load(path, where=f"{path} ({name})")
    files = [file for file in sorted(path.iterdir()) if file.is_file()] if path.is_dir() else [path]
    return "\n".join(file.read_text("ascii", "ignore") for file in files)


def _from_environment() -> tuple[str, Path] | None:
    for name in VARIABLES:
        if os.environ.get(name):
            return name, Path(os.environ[name])
    return None


def _load(path: Path, *, where: str) -> ssl.SSLContext:
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except (ssl.SSLError, ValueError) as error:  # a subclass of OSError, with an unhelpful message
        hint = "give a file of certificates in PEM format"
        raise InputError("not a file of certificate authorities", where=where, hint=hint) from error
    except OSError as error:
        raise InputError(f"cannot be read: {first_line(error)}", where=where) from error
