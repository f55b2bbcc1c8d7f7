"""Observes which files a process and the processes that it starts write, which programs they run, and whether they
use the network.

strace sees every system call, and therefore native code, too. An audit hook sees what Python code does, on every
operating system.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_HOOK = Path(__file__).parent / "audit_hook"
_FILE_CALLS = "creat,link,linkat,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,symlink,symlinkat,truncate"
_CALLS = f"bind,connect,execve,execveat,open,openat,sendmmsg,sendmsg,sendto,socket,{_FILE_CALLS}"
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<path>(?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"\bO_(?:WRONLY|RDWR|CREAT|TRUNC|TMPFILE)\b")
_SCRATCH = ("/dev/shm/", "/dev/null", "/dev/tty", "/proc/self/")  # noqa: S108


@functools.cache
def can_trace() -> bool:
    """Whether strace is installed, and may trace processes."""
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(["strace", "-o", os.devnull, sys.executable, "-c", ""], capture_output=True).returncode == 0
    )


@dataclass
class Observation:
    """Unexpected events, each with a short description."""

    files: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    network: set[str] = field(default_factory=set)

    @property
    def problems(self) -> dict[str, set[str]]:
        """The kinds of events that happened."""
        return {kind: events for kind, events in vars(self).items() if events}


class Observer:
    """Runs commands in a folder, with an empty home folder and an empty temporary folder.

    Files may be written in the working folder and, if they are removed, in the temporary folder. Further processes
    may run, but no other program than Python.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.work, self.home, self.temporary, self._records = (
            self.folder / name for name in ("work", "home", "temporary", "records")
        )
        for path in (self.work, self.home, self.temporary, self._records):
            path.mkdir()
        self.stdout = self.stderr = ""

    def run(self, *arguments: object, code: int = 0, env: dict[str, str] | None = None) -> Observation:
        """Run Python with arguments to its end, and return what it did."""
        with self.start(*arguments, env=env) as (process, observation):
            self.stdout, self.stderr = process.communicate(timeout=120)
            assert process.returncode == code, self.stderr
        return observation

    @contextlib.contextmanager
    def start(
        self, *arguments: object, env: dict[str, str] | None = None
    ) -> Iterator[tuple[subprocess.Popen[str], Observation]]:
        """Start Python with arguments; the observation is complete at the end of the block."""
        events, trace = self._records / "events", self._records / "trace"
        command = [sys.executable, *map(str, arguments)]
        if can_trace():
            options = ["-f", "-ff", "-y", "-qq", "-s", "4096", "-e", f"trace={_CALLS}", "-e", "signal=none"]
            command = ["strace", "--seccomp-bpf", *options, "-o", str(trace), *command]
        observation = Observation()
        with subprocess.Popen(
            command,
            cwd=self.work,
            env=self._environment(events) | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            yield process, observation
        for line in events.read_text().splitlines():
            self._add(observation, *json.loads(line))
        for path in self._records.glob("trace.*"):
            for line in path.read_text(errors="replace").splitlines():
                for kind, event in _parse(line, self.work):
                    self._add(observation, kind, event)
        observation.files.update(f"left behind: {path}" for path in self.temporary.iterdir())
        for folder in (self._records, self.temporary):
            shutil.rmtree(folder)
            folder.mkdir()

    def _environment(self, events: Path) -> dict[str, str]:
        # Only what programs need: ONNX Runtime, for example, sends no reports if a variable such as CI is set.
        kept = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")
        return {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TMPDIR": str(self.temporary),
            "TEMP": str(self.temporary),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(_HOOK), *filter(None, sys.path)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OBSERVED_EVENTS": str(events),
        }

    def _add(self, observation: Observation, kind: str, event: str) -> None:
        if kind == "network":
            observation.network.add(event)
        elif kind == "program":
            if os.path.realpath(event) != os.path.realpath(sys.executable):
                observation.programs.add(event)
        elif not event.startswith((*map(str, (self.work, self.temporary, self._records)), *_SCRATCH)):
            observation.files.add(event)


def child_of(process: subprocess.Popen[str]) -> psutil.Process:
    """Return the process that strace observes, or the process itself."""
    observed = psutil.Process(process.pid)
    return observed.children()[0] if can_trace() else observed


def _parse(line: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the events of a line of strace's output."""
    name, _, arguments = line.partition("(")
    if name in ("execve", "execveat"):
        yield from (("program", path) for path in _paths(arguments.partition("[")[0], folder))
    elif name == "socket":
        if not arguments.startswith("AF_UNIX"):
            yield "network", f"socket({arguments}"
    elif name in ("bind", "connect", "sendto", "sendmsg", "sendmmsg"):
        address = re.search(r"sa_family=(AF_\w+).*?\}", arguments)
        if address:
            yield "network", f"{name} {address[0]}"
    elif name in ("open", "openat"):
        if _WRITING.search(arguments):
            yield from (("file", path) for path in _paths(arguments, folder))
    else:
        yield from (("file", path) for path in _paths(arguments, folder))


def _paths(arguments: str, folder: Path) -> Iterator[str]:
    for match in _PATH.finditer(arguments):
        yield os.path.normpath(folder / (match["folder"] or "") / match["path"])
