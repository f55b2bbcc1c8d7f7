"""Reads weights from files without executing code in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imagemood.errors import InputError, first_line
from imagemood.exporting.libraries import import_library

_SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")


def read_weights(path: Path) -> dict[str, Any]:
    """Read the tensors of a safetensors file, or of a file of PyTorch that contains only tensors.

    Raises
    ------
    InputError
        If the file does not exist, is damaged, or contains anything else.
    """
    where = str(path)
    if not path.is_file():
        raise InputError("No such file", where=where)
    if path.suffix not in _SUFFIXES:
        raise InputError("unknown format of weights", where=where, hint=f"use one of {', '.join(_SUFFIXES)}")
    torch: Any = import_library("torch")
    try:
        if path.suffix == ".safetensors":
            found = import_library("safetensors.torch").load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # many unrelated classes, of which some have long messages
        hint = "save the state dictionary with safetensors.torch.save_file"
        raise InputError(f"cannot be read as weights: {first_line(error)}", where=where, hint=hint) from error
    for key in ("state_dict", "model"):  # as training scripts store them, beside the state of the optimiser
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    state = {str(k).removeprefix("module."): v for k, v in found.items()} if isinstance(found, dict) else {}
    if not state or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InputError("contains no state dictionary", where=where)
    return state
