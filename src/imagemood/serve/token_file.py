"""The file with the bearer token."""

from __future__ import annotations

from pathlib import Path

from imagemood.errors import InputError, first_line

_MIN_TOKEN_LENGTH = 16


def read_token(path: Path) -> str:
    """Return the token in a file, or raise `InputError` if it contains none."""
    try:
        token = path.read_text("utf-8").strip()
    except OSError as error:
        raise InputError(first_line(error), where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("not a text file", where=str(path)) from error
    if len(token) < _MIN_TOKEN_LENGTH or not token.isascii() or len(token.split()) != 1:
        raise InputError(
            f"not a token: expected a single word of at least {_MIN_TOKEN_LENGTH} ASCII characters",
            where=str(path),
            hint="create one with: openssl rand -hex 32",
        )
    return token
