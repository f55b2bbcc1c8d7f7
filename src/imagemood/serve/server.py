"""Run the application under uvicorn, in one process or several."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable

import uvicorn
from uvicorn.supervisors import Multiprocess

from imagemood.errors import InputError, ModelError
from imagemood.serve.app import SETTINGS, create
from imagemood.serve.metrics import SHARED
from imagemood.serve.settings import Settings

_GRACE_S = 5  # beyond the time that an answer may take
_BACKLOG = 2048  # connections that wait to be taken up, as uvicorn has it

Ready = Callable[[], None]


def _ignore() -> None: ...


def run(settings: Settings, *, host: str, port: int, n_workers: int = 1, ready: Ready = _ignore) -> None:
    """Serve until a signal says to stop; what was taken up is finished.

    Parameters
    ----------
    settings : Settings
        How to serve.
    host : str
        Address or name of an interface.
    port : int
        The port.
    n_workers : int
        Processes. Each has models and queues of its own.
    ready : callable
        Called once requests are answered, by every worker.

    Raises
    ------
    ModelError
        If a model is missing, damaged, or does not fit.
    InputError
        If the address cannot be served at.
    """
    with _bound(host, port) as listener:
        app = create(settings)  # what is wrong with the models is said here, before any worker starts
        _listen(listener, host, port)
        # uvicorn stops in good order and then lets the signal end the process as if it had not.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, lambda *_: None)
        if n_workers == 1:
            _Server(_config(app, settings), ready).run([listener])
            return
        del app
        _run_workers(settings, listener, n_workers, ready)


def _bound(host: str, port: int) -> socket.socket:
    """Take an address, so that nobody else gets it while the models are loaded; nobody can connect to it yet."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        try:
            if os.name == "posix":  # or a port would stay taken for minutes after a service has stopped
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((host, port))
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise _not_there(error, host, port) from error
    return listener


def _listen(listener: socket.socket, host: str, port: int) -> None:
    try:
        listener.listen(_BACKLOG)
    except OSError as error:  # two may have taken an address, but only one can listen there
        raise _not_there(error, host, port) from error


def _not_there(error: OSError, host: str, port: int) -> InputError:
    reason = error.strerror or error
    return InputError(f"cannot serve there: {reason}", where=f"{host}:{port}", hint="choose another --port")


def _config(app: object, settings: Settings, n_workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=isinstance(app, str),
        workers=n_workers,
        backlog=_BACKLOG,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.limits.answer_timeout_s) + _GRACE_S,
        proxy_headers=False,
    )


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Ready) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _Workers(Multiprocess):
    """Servers in processes of their own, and one who says when all of them answer."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], ready: Ready) -> None:
        super().__init__(config, sockets)
        self._ready = ready
        self.is_ready = False
        self.has_failed = False

    def keep_subprocess_alive(self) -> None:
        was_stopped = self.should_exit.is_set()
        super().keep_subprocess_alive()
        self.has_failed = self.should_exit.is_set() and not was_stopped
        if not self.is_ready and not self.should_exit.is_set():
            self.is_ready = all(process.is_ready() for process in self.processes)
            if self.is_ready:
                self._ready()


def _run_workers(settings: Settings, listener: socket.socket, n_workers: int, ready: Ready) -> None:
    listener.set_inheritable(True)
    with tempfile.TemporaryDirectory(prefix="imagemood-metrics-") as shared:
        os.environ[SETTINGS] = settings.to_json()
        os.environ[SHARED] = shared
        config = _config("imagemood.serve.app:from_environment", settings, n_workers)
        workers = _Workers(config, [listener], ready)
        workers.run()
    if workers.has_failed:
        raise ModelError("a worker cannot start", hint="it says above why")
