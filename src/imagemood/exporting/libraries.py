"""Imports the libraries of the extra ``export``, and reports their failures to load a network."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from imagemood import _extras, _usage_reports
from imagemood._environment import environment
from imagemood.errors import InputError, MoodError, RemoteError, first_line

with _extras.needs("export"):
    import httpx

_REACH_TIMEOUT_S = 10
_NO_HUB = "connect to the network, or download the weights elsewhere and give a local folder or --weights"
_operators: list[Any] = []  # PyTorch forgets the operators of a library object that no longer exists


def import_library(name: str) -> ModuleType:
    """Import a library of the extra ``export``; raise `MissingExtraError` if it is not installed."""
    _usage_reports.turn_off()
    with _extras.needs("export"):
        if name != "torch":
            _import_torchvision()
        return importlib.import_module(name)


def _import_torchvision() -> None:
    """Import torchvision, which the other libraries need, even if its compiled operators do not load.

    A torchvision that was built for CUDA fails next to a PyTorch without it, because PyTorch then lacks these
    operators. No network that can be exported needs them: they belong to the detection of objects.
    """
    torch: Any = importlib.import_module("torch")
    for _ in range(10):
        try:
            importlib.import_module("torchvision")
            return
        except RuntimeError as error:
            missing = re.search(r"operator torchvision::(\w+) does not exist", str(error))
            if missing is None:
                raise InputError(
                    f"torchvision cannot be imported: {first_line(error)}",
                    hint="install versions of torch and torchvision that belong together",
                ) from error
            library = torch.library.Library("torchvision", "FRAGMENT")
            library.define(f"{missing[1]}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
            _operators.append(library)


@contextlib.contextmanager
def temporary_cache() -> Iterator[None]:
    """Let PyTorch keep its cache of compiled code in a folder that is removed, instead of one that it leaves.

    PyTorch also asks for the name of the user. Without a variable that has it, that would be looked up in the
    system's database of users, which may be on another machine, and fails in containers that do not know the user.
    """
    with tempfile.TemporaryDirectory(prefix="imagemood-", ignore_cleanup_errors=True) as folder:
        variables = {"TORCHINDUCTOR_CACHE_DIR": folder}
        if not any(map(os.environ.get, ("LOGNAME", "USER", "LNAME", "USERNAME"))):
            variables["USERNAME"] = "imagemood"
        with environment(**variables):
            yield


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress the warnings and log lines of the libraries, since failures are raised."""
    previous = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(previous)


@contextlib.contextmanager
def loading(source: str, *, from_hub: bool) -> Iterator[None]:
    """Report exceptions of a library that loads a network as errors of this package.

    If the network is to be downloaded and the Hugging Face Hub cannot be reached, only files that were downloaded
    before are used; otherwise, the library would try again for about a minute.
    """
    constants: Any = importlib.import_module("huggingface_hub.constants")
    was_offline, problem = constants.HF_HUB_OFFLINE, None
    if from_hub and not was_offline:
        problem = _unreachable(constants.ENDPOINT)
    try:
        constants.HF_HUB_OFFLINE = was_offline or problem is not None
        with quiet():
            yield
    except MoodError:
        raise
    except Exception as error:  # the libraries raise many unrelated classes
        if problem is not None or was_offline:
            why = problem or "HF_HUB_OFFLINE is set"
            what = f"cannot be downloaded from {constants.ENDPOINT}: {why}, and it was not downloaded before"
            raise RemoteError(what, where=source, hint=_NO_HUB) from error
        if from_hub and (failure := hub_failure(error, source)) is not None:
            raise failure from error
        raise InputError(f"cannot be loaded: {reason_of(error)}", where=source) from error
    finally:
        constants.HF_HUB_OFFLINE = was_offline


def reason_of(error: BaseException) -> str:
    """Return the class of an exception, and the first line of its message."""
    return f"{type(error).__name__}: {first_line(error)}" if str(error) else type(error).__name__


def hub_failure(error: BaseException, source: str) -> RemoteError | None:
    """Return the error that describes why a download failed, or None if the exception has another cause."""
    errors: Any = importlib.import_module("huggingface_hub.errors")
    found: BaseException | None = error
    while found is not None:
        match found:
            case errors.GatedRepoError():
                hint = "accept the conditions on its page, and sign in with 'hf auth login'"
                return RemoteError("access to the repository is restricted", where=source, hint=hint)
            case errors.RepositoryNotFoundError():
                hint = "check the name; for a private repository, sign in with 'hf auth login'"
                return RemoteError("the repository does not exist or is private", where=source, hint=hint)
            case errors.RemoteEntryNotFoundError() | errors.LocalEntryNotFoundError():
                pass  # the library may say more about what the repository lacks
            case httpx.HTTPError() | ConnectionError() | TimeoutError():
                return RemoteError(f"cannot be downloaded: {reason_of(found)}", where=source, hint=_NO_HUB)
        found = found.__cause__ or found.__context__
    return None


def _unreachable(endpoint: str) -> str | None:
    """Return why a server cannot be reached, or None if it responds."""
    try:
        httpx.head(endpoint, timeout=_REACH_TIMEOUT_S)
    except (httpx.HTTPError, OSError) as error:
        return first_line(error)
    return None


def licence_of(network: str) -> str | None:
    """Return the licence in the model card of a repository on the Hugging Face Hub, or of a local folder."""
    hub: Any = import_library("huggingface_hub")
    card = Path(network, "README.md")
    if card.parent.is_dir() and not card.is_file():
        return None
    try:
        with quiet():
            data = hub.ModelCard.load(str(card) if card.is_file() else network).data
    except Exception:  # the card is missing or invalid, or the hub cannot be reached
        return None
    licence, name = data.get("license"), data.get("license_name")
    found = name if licence in (None, "other") and name else licence
    return found if isinstance(found, str) and found else None
