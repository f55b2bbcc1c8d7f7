"""Runs the application under uvicorn, in one process or several."""

from __future__ import annotations

import functools
import gc
import os
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from imagemood._streams import print_message
from imagemood.errors import InputError, ModelError, MoodError, first_line
from imagemood.pictures import decoder_processes, memory_budget
from imagemood.serve.app import create_app
from imagemood.serve.metrics import SHARED_FOLDER_VARIABLE
from imagemood.serve.settings import Settings

_GRACE_PERIOD_S = 5  # in addition to the time limit of responses
_BACKLOG = 2048  # connections that wait to be accepted; uvicorn's default
_GC_THRESHOLD = 50_000  # objects; a request of a thousand rows creates thousands, but no reference cycles
_SWITCH_INTERVAL_S = 0.0005  # keeps the event loop responsive while batches are computed; 5 ms cost 2 % throughput

ReadyCallback = Callable[[], None]


def _do_nothing() -> None: ...


def run(
    settings: Settings, *, host: str, port: int, n_workers: int = 1, on_ready: ReadyCallback = _do_nothing
) -> None:
    """Serve in `n_workers` processes until a signal arrives; then complete the requests in progress.

    `on_ready` is called once all workers accept requests. Raises `ModelError` if a model is missing, damaged or
    incompatible, and `InputError` if the address cannot be bound to.
    """
    with _bind(host, port) as listener:
        app = create_app(settings)  # reports errors in the models before any worker starts
        _listen(listener, host, port)
        # After a graceful shutdown, uvicorn raises the signal again, which would terminate the process.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, lambda *_: None)
        if n_workers == 1:
            configure_process()
            _Server(_config(app, settings), on_ready).run([listener])
            return
        del app
        decoder_processes.end_all()  # of the models that only this process has loaded
        _run_workers(settings, listener, n_workers, on_ready)


def configure_process() -> None:
    """Apply the process-wide settings of the service, after its models are loaded.

    Pillow's warnings about unusual files are kept out of the log, the models are exempt from garbage collection,
    collections are rarer, and threads are switched more often.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 100)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)


def create_worker_app(settings: Settings, n_workers: int) -> FastAPI:
    """Create the application in one of `n_workers` processes, which share the memory for decoding.

    If a model cannot be loaded any more, the worker exits with uvicorn's status for a failed start, so that its
    parent process stops instead of starting another worker.
    """
    memory_budget.divide_by(n_workers)
    try:
        app = create_app(settings)
    except MoodError as error:
        print_message(f"error: {error}")
        sys.exit(STARTUP_FAILURE)
    configure_process()
    return app


def _bind(host: str, port: int) -> socket.socket:
    """Reserve the address before the models are loaded. No client can connect yet."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family)
        try:
            if os.name == "posix":  # otherwise, the port remains in use for minutes after a service has stopped
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((host, port))
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:  # UnicodeError: no valid host name
        raise _bind_error(error, host, port) from error
    return listener


def _listen(listener: socket.socket, host: str, port: int) -> None:
    try:
        listener.listen(_BACKLOG)
    except OSError as error:  # two processes may bind to the same address, but only one can listen
        raise _bind_error(error, host, port) from error


def _bind_error(error: OSError | UnicodeError, host: str, port: int) -> InputError:
    return InputError(
        f"cannot bind to the address: {first_line(error)}", where=f"{host}:{port}", hint="choose another --port"
    )


def _config(app: Any, settings: Settings, *, n_workers: int = 1, factory: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        workers=n_workers,
        backlog=_BACKLOG,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(settings.limits.response_timeout_s) + _GRACE_PERIOD_S,
        proxy_headers=False,
    )


class _Server(uvicorn.Server):
    """A server that reports when it accepts requests."""

    def __init__(self, config: uvicorn.Config, on_ready: ReadyCallback) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


class _Workers(Multiprocess):
    """A supervisor of worker processes that reports when all of them accept requests."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], on_ready: ReadyCallback) -> None:
        super().__init__(config, sockets)
        self._on_ready = on_ready
        self.is_ready = False
        self.has_failed = False

    def keep_subprocess_alive(self) -> None:
        was_stopped = self.should_exit.is_set()
        super().keep_subprocess_alive()
        self.has_failed = self.should_exit.is_set() and not was_stopped
        if not self.is_ready and not self.should_exit.is_set():
            self.is_ready = all(process.is_ready() for process in self.processes)
            if self.is_ready:
                self._on_ready()


def _run_workers(settings: Settings, listener: socket.socket, n_workers: int, on_ready: ReadyCallback) -> None:
    listener.set_inheritable(True)
    # The settings are passed to the workers through a pipe, since other programs could read the token in them from
    # the environment or the command line of a process.
    create = functools.partial(create_worker_app, settings, n_workers)
    with tempfile.TemporaryDirectory(prefix="imagemood-metrics-") as folder:
        os.environ[SHARED_FOLDER_VARIABLE] = folder
        try:
            workers = _Workers(_config(create, settings, n_workers=n_workers, factory=True), [listener], on_ready)
            workers.run()
        finally:
            del os.environ[SHARED_FOLDER_VARIABLE]
    if workers.has_failed:
        raise ModelError("a worker process failed to start", hint="see the error above")
