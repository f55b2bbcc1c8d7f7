"""The command line: parse, call, print."""

from __future__ import annotations

import sys
import warnings

from imagemood.cli.app import app
from imagemood.errors import MoodError, RemoteError

_EXIT_CODES: tuple[tuple[type[MoodError], int], ...] = ((RemoteError, 1), (MoodError, 2))


def main() -> None:
    """Run the command line: what goes wrong is one line on standard error and an exit code.

    Raises
    ------
    SystemExit
        Always: 0 done, 1 some inputs failed, 2 wrong usage.
    """
    # What Pillow remarks on odd files is no news to a user: a picture is either classified or named as failed.
    # Nor is what ONNX Runtime remarks on CUDA libraries: either a GPU was asked for, and that is an error, or not.
    warnings.filterwarnings("ignore", module=r"PIL\.|onnxruntime")
    try:
        app(prog_name="imagemood")
    except MoodError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(exit_code(error))


def exit_code(error: MoodError) -> int:
    """Tell the exit code of what went wrong: 1 another machine's fault, 2 wrong usage."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))
