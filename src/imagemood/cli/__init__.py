"""The command line: parse the arguments, call the package, present the result."""

from __future__ import annotations

import sys
import warnings

from imagemood.cli.app import app
from imagemood.errors import MoodError, RemoteError

_EXIT_CODES: tuple[tuple[type[MoodError], int], ...] = ((RemoteError, 1), (MoodError, 2))


def main() -> None:
    """Run the command line and exit: 0 if all is done, 1 if some inputs failed, 2 on wrong usage."""
    _silence_libraries()
    try:
        app(prog_name="imagemood")
    except MoodError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(exit_code(error))


def _silence_libraries() -> None:
    """Set the warning filter of this process, once, before any command runs.

    Pillow warns about unusual files, but a picture is either classified or reported as failed. ONNX Runtime warns
    about missing CUDA libraries, but a GPU that the user asked for and that cannot be used is already an error.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.|onnxruntime")


def exit_code(error: MoodError) -> int:
    """Return the exit code for an error: 1 if a remote machine failed, 2 on wrong usage."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))
