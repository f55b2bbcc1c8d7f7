"""Checks the certificate and the private key of the service before it starts."""

from __future__ import annotations

import ssl
from pathlib import Path

from imagemood.errors import InputError, first_line


class _EncryptedKeyError(Exception):
    """Raised instead of asking for a password on the terminal."""


def check_certificate(certificate: Path | None, key: Path | None) -> None:
    """Check that TLS can use a certificate, and its private key, which may be in the same file.

    Raises
    ------
    InputError
        If a file is missing, or is not valid, or if the key is encrypted or belongs to another certificate.

    Examples
    --------
    >>> check_certificate(None, Path("key.pem"))
    Traceback (most recent call last):
        ...
    imagemood.errors.InputError: --ssl-keyfile: a private key without a certificate (add --ssl-certfile)
    """
    if certificate is None:
        if key is not None:
            raise InputError(
                "a private key without a certificate", where="--ssl-keyfile", hint="add --ssl-certfile"
            )
        return
    for path in (certificate, *([key] if key else [])):
        try:
            path.read_bytes()
        except OSError as error:
            raise InputError(first_line(error), where=str(path)) from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_refuse)
    except _EncryptedKeyError:
        hint = "write it without a password: openssl pkey -in KEY -out DECRYPTED"
        raise InputError("the private key is encrypted", where=str(key or certificate), hint=hint) from None
    except (ssl.SSLError, ValueError) as error:
        raise _describe(error, certificate, key) from error


def _refuse() -> str:
    raise _EncryptedKeyError


def _describe(error: Exception, certificate: Path, key: Path | None) -> InputError:
    reason = getattr(error, "reason", None) or ""
    if reason == "KEY_VALUES_MISMATCH":
        return InputError("the private key belongs to another certificate", where=str(key or certificate))
    if reason.endswith(("TOO_SMALL", "TOO_WEAK")):
        return InputError(f"not secure enough: {reason.lower().replace('_', ' ')}", where=str(certificate))
    if not _is_certificate(certificate):
        hint = "it begins with -----BEGIN CERTIFICATE-----"
        return InputError("not a certificate in PEM format", where=str(certificate), hint=hint)
    missing = "not a private key in PEM format"
    return InputError(missing, where=str(key or certificate), hint=None if key else "or add --ssl-keyfile")


def _is_certificate(path: Path) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (ssl.SSLError, ValueError):
        return False
    return True
