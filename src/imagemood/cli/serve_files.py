"""The files that ``imagemood serve`` reads: the token, and the addresses in runtime.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from imagemood.errors import InputError, first_line

_RUNTIME_FILE = Path("runtime.json")
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


def downstream_addresses(addresses: Sequence[str] | None) -> dict[str, list[str]]:
    """Return the forwarding addresses of each method: these ones, or else those in runtime.json."""
    from imagemood.serve.downstream import parse_addresses, read_runtime_file

    if addresses:
        return parse_addresses(addresses, where="--downstream")
    return read_runtime_file(_RUNTIME_FILE) if _RUNTIME_FILE.is_file() else {}


def addresses_of_runtime_file(
    addresses: Mapping[str, Sequence[str]], option: Sequence[str] | None
) -> dict[str, tuple[list[str], str]]:
    """Return addresses that come from runtime.json as a value of the option ``--downstream``, and their source."""
    if option or not addresses:
        return {}
    values = [f"{method}={url}" for method, urls in addresses.items() for url in urls]
    return {"downstream": (values, str(_RUNTIME_FILE))}
