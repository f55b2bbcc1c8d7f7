"""The command line: parse the arguments, call the package, present the result."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

from imagemood import _interrupts

_MIN_COLUMNS, _MAX_COLUMNS = 40, 10_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit; the arguments default to those of the process, whose signals are then handled."""
    if arguments is None:
        _interrupts.end_on_signals()
    from imagemood import _streams

    _streams.prepare()
    _silence_libraries()
    _limit_threads()
    _limit_width()
    from imagemood.cli.app import app

    app(arguments, prog_name="imagemood")


def _silence_libraries() -> None:
    """Set the warning filter of this process, once, before any command runs.

    Pillow warns about unusual files, but a picture is either classified or reported as failed. ONNX Runtime warns
    about missing CUDA libraries, but a GPU that the user asked for and that cannot be used is already an error.
    joblib warns when it replaces a worker whose memory has grown, and when it cannot start processes because the
    system has no shared memory; neither loses anything. The threads of scikit-learn replace the filters of the
    process, and warn about its own code if these are missing for a moment.
    """
    warnings.filterwarnings(
        "ignore", module=r"PIL\.|onnxruntime|joblib\.externals\.loky|joblib\._multiprocessing_helpers"
    )
    warnings.filterwarnings("ignore", message=r"`sklearn\.utils\.parallel\.delayed` should be used")


def _limit_threads() -> None:
    """Limit the threads of OpenMP, OpenBLAS and Arrow to the cores of this process, unless the user has done so.

    They read the variable when they are loaded; without it, they ignore the quota of a container.
    """
    from imagemood.models.device import cpu_count

    os.environ.setdefault("OMP_NUM_THREADS", str(cpu_count()))


def _limit_width() -> None:
    """Limit the width to which help and tables are wrapped; the text does not fit into very few columns."""
    import shutil  # after the signals are handled

    columns = shutil.get_terminal_size().columns
    if not _MIN_COLUMNS <= columns <= _MAX_COLUMNS:
        os.environ["COLUMNS"] = str(min(max(columns, _MIN_COLUMNS), _MAX_COLUMNS))
