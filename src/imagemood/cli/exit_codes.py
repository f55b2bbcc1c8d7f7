"""Exit codes: 0 if everything succeeded, 1 if some inputs failed, 2 on wrong usage, 130 after Ctrl+C.

SIGTERM leads to 143, and an output that is not read to `imagemood._streams.BROKEN_PIPE`.
"""

from __future__ import annotations

from imagemood.errors import MoodError, RemoteError, UnreadableError

INTERRUPTED = 130
"""Exit code of a process that was interrupted from the keyboard: 128 and the number of the signal SIGINT."""
_EXIT_CODES: tuple[tuple[type[MoodError], int], ...] = (
    (RemoteError, 1),
    (UnreadableError, 1),
    (MoodError, 2),
)


def exit_code(error: MoodError) -> int:
    """Return the exit code for an error: 1 if a server, file or folder failed, 2 on wrong usage."""
    return next(code for error_class, code in _EXIT_CODES if isinstance(error, error_class))
