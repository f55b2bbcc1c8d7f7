"""Exit codes: 0 if everything succeeded, 1 if some inputs failed, 2 on wrong usage, 130 if interrupted.

In addition, `imagemood._streams.BROKEN_PIPE` is that of a command whose output is not read.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

from imagemood.errors import MoodError, RemoteError, UnreadableError

INTERRUPTED = 130
"""Exit code of a process that was interrupted from the keyboard: 128 and the number of the signal SIGINT."""
_MAX_WAIT_S = 0.2
_EXIT_CODES: tuple[tuple[type[MoodError], int], ...] = (
    (RemoteError, 1),
    (UnreadableError, 1),
    (MoodError, 2),
)


def exit_code(error: MoodError) -> int:
    """Return the exit code for an error: 1 if a server, file or folder failed, 2 on wrong usage."""
    return next(code for error_class, code in _EXIT_CODES if isinstance(error, error_class))


def is_decoding() -> bool:
    """Return whether a normal exit would wait for threads that decode pictures."""
    pipeline = sys.modules.get("imagemood.prediction.pipeline")
    return pipeline is not None and pipeline.is_running()


def is_running_network() -> bool:
    """Return whether a normal exit would wait for a run of a network, after giving it a moment to end."""
    run_limit = sys.modules.get("imagemood.models.run_limit")
    return run_limit is not None and not run_limit.are_finished(wait_s=_MAX_WAIT_S)


def is_evaluating() -> bool:
    """Return whether threads train or evaluate models, during which a normal exit can fail or never end."""
    parallel = sys.modules.get("imagemood.evaluation.parallel")
    return parallel is not None and parallel.is_running()


def exit_immediately(code: int) -> NoReturn:
    """Exit without clean-up, except that the decoder processes are ended; do not wait for other threads."""
    decoder_processes = sys.modules.get("imagemood.pictures.decoder_processes")
    if decoder_processes is not None:
        decoder_processes.end_all()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
