"""Tries an ONNX network of unknown origin in a process of its own, before this process loads it.

A network can contain endless loops, need any amount of memory, and make ONNX Runtime crash. In a process of its
own, which has limits, that is an error like any other.
"""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from imagemood.errors import ModelError
from imagemood.models import trial_process
from imagemood.models.run_limit import limited
from imagemood.models.trial_process import NO_MEMORY, READY

_CPU_S, _BYTES_PER_CPU_S, _PIXELS_PER_CPU_S = 5, 4 * 2**20, 2**18
_WALL_S, _WALL_FACTOR = 10, 4  # other programs may be using the CPU
_MEMORY_BYTES, _MEMORY_PER_BYTE, _MEMORY_PER_PIXEL = 2 * 2**30, 8, 2**11
_TOO_SLOW = "needs more than {cpu_s} s to be loaded and to process two pictures"
_TOO_LARGE = "needs more than {memory_gb:.1f} GB of memory to be loaded and to process one picture"
_passed: set[bytes] = set()  # hashes, because a network is loaded again for another number of threads


@dataclass(frozen=True)
class Trial:
    """The trial of a network.

    Attributes
    ----------
    side_px : int
        The length of the dimensions of the network's inputs that have a variable length, except the first.
    """

    side_px: int = 1

    def check(self, content: bytes, name: str) -> None:
        """Load and run a network in a process of its own; raise `ModelError` if it exceeds a limit or crashes.

        Other errors are not reported here, since they occur again when this process uses the network. There is no
        trial where Python cannot be started, as in frozen programs.
        """
        digest = hashlib.sha256(content).digest()
        if digest not in _passed and _can_start_python():
            problem = self._try(content)
            if problem:
                raise ModelError(f"the network {problem}", where=name)
        _passed.add(digest)

    def _limits(self, n_bytes: int) -> dict[str, int]:
        n_pixels = self.side_px**2
        return {
            "cpu_s": _CPU_S + n_bytes // _BYTES_PER_CPU_S + n_pixels // _PIXELS_PER_CPU_S,
            "memory_bytes": _MEMORY_BYTES + _MEMORY_PER_BYTE * n_bytes + _MEMORY_PER_PIXEL * n_pixels,
        }

    def _try(self, content: bytes) -> str:
        """Return how a network exceeds a limit or crashes, or an empty text."""
        limits = self._limits(len(content))
        options = json.dumps({"side_px": self.side_px, **limits})
        command = [sys.executable, "-I", "-S", trial_process.__file__, options, json.dumps(sys.path)]
        try:
            process = subprocess.Popen(  # noqa: S603 (the command contains nothing from the network)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            return ""
        with process:
            try:
                output = limited(
                    lambda: process.communicate(content)[0],
                    terminate=process.kill,
                    limit_s=_WALL_S + _WALL_FACTOR * limits["cpu_s"],
                )
            except TimeoutError:
                return _TOO_SLOW.format(**limits)
            finally:
                process.kill()
        return _describe(process.returncode, output).format(**limits, memory_gb=limits["memory_bytes"] / 1e9)


def _can_start_python() -> bool:
    return not getattr(sys, "frozen", False) and "py" in Path(sys.executable or "").name.lower()


def _describe(returncode: int, output: bytes) -> str:
    if not output.startswith(READY):
        return ""
    if returncode == 0:
        return _TOO_LARGE if output.endswith(NO_MEMORY) else ""
    end = signal.Signals(-returncode).name if returncode < 0 else f"exit code {returncode}"
    return {"SIGXCPU": _TOO_SLOW, "SIGKILL": _TOO_LARGE}.get(end, f"makes ONNX Runtime crash ({end})")
