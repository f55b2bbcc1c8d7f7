"""Records what a process does. Python runs this module when it starts, because its folder is in PYTHONPATH."""

import json
import os
import sys

_EVENTS = os.environ["OBSERVED_EVENTS"]
_FILE = os.open(_EVENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_NETWORK = {
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname",
    "socket.sendmsg", "socket.sendto",
}  # fmt: skip
_PROGRAMS = {"os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "subprocess.Popen"}
_FILES = {"os.link", "os.mkdir", "os.rename", "os.symlink", "os.truncate"}


def _record(kind, value):
    if isinstance(value, bytes):
        value = os.fsdecode(value)
    os.write(_FILE, (json.dumps([kind, value if isinstance(value, str) else repr(value)]) + "\n").encode())


def _observe(event, arguments):
    if event in _NETWORK:
        _record("network", f"{event} {arguments[1:] if event != 'socket.getaddrinfo' else arguments[:2]}")
    elif event in _PROGRAMS:
        _record("program", arguments[0])
    elif event in _FILES:
        for path in arguments[:2]:
            if isinstance(path, str | bytes):
                _record("file", os.path.abspath(path))  # noqa: PTH100 (links are not resolved)
    elif event == "open" and isinstance(arguments[0], str | bytes):
        path, mode, flags = arguments
        if set(mode or "") & set("wax+") or flags & _WRITING:
            _record("file", os.path.abspath(path))  # noqa: PTH100 (links are not resolved)


sys.addaudithook(_observe)
