"""The addresses in runtime.json, to which ``imagemood serve`` forwards responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_RUNTIME_FILE = Path("runtime.json")


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
