"""Runs the application under uvicorn, in one process or several."""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable
from typing import Any, cast

import prometheus_client
import uvicorn
from fastapi import FastAPI

from imagemood._environment import environment
from imagemood.errors import InputError, ModelError, first_line
from imagemood.pictures.pixels import memory_budget
from imagemood.serve import starting
from imagemood.serve.app import create_app
from imagemood.serve.metrics import SHARED_FOLDER_VARIABLE
from imagemood.serve.settings import Settings
from imagemood.serve.stopping import CLEAN_UP_S, Stopper, StopTimes, graceful_s
from imagemood.serve.transport.asgi_server import AsgiServer
from imagemood.serve.transport.connections import LimitedProtocol
from imagemood.serve.workers import Workers

_KEEP_ALIVE_S = 30  # between two requests
_BACKLOG = 2048  # connections that wait to be accepted; uvicorn's default
_GC_THRESHOLD = 50_000  # objects; a request of a thousand rows creates thousands, but no reference cycles
_MMAP_THRESHOLD = -3  # a number of mallopt
_LARGE_BLOCK_BYTES = 8_000_000  # larger than any array of a batch of pictures
_SWITCH_INTERVAL_S = 0.0005  # keeps the event loop responsive while batches are computed; 5 ms cost 2 % throughput

ReadyCallback = Callable[[], None]


def run(settings: Settings, *, host: str, port: int, n_workers: int, on_ready: ReadyCallback) -> None:
    """Serve in `n_workers` processes until a signal arrives; then complete the requests in progress and stop.

    `on_ready` is called once all workers accept requests. Raises `ModelError` if a model is missing, damaged or
    incompatible, and `InputError` if the address cannot be bound to.
    """
    limits = settings.limits
    times = StopTimes(limits.drain_delay_s, limits.stop_timeout_s)
    with _bind(host, port) as listener:
        _listen(listener, host, port)
        with starting.answering(listener, settings, lambda app: _config(app, settings)) as stop_answering:
            if n_workers > 1:

                def start_accepting() -> None:
                    stop_answering()
                    on_ready()

                _run_workers(settings, times, listener, n_workers, start_accepting)
                return
            app = create_app(settings)
            configure_process()
        server = AsgiServer(_config(app, settings), on_ready, drain_delay_s=times.drain_delay_s)
        Stopper(times.total_s, server.stop).install()
        server.run([listener])


def configure_process() -> None:
    """Apply the process-wide settings of the service, after its models are loaded.

    Pillow's warnings about unusual files are kept out of the log, the models are exempt from garbage collection,
    collections are rarer, threads are switched more often, and large bodies return their memory to the system.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")
    # A gauge for each counter, which several workers do not have.
    prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 100)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    _return_large_blocks()


def _return_large_blocks() -> None:
    """Let glibc return the memory of large bodies; it would otherwise keep blocks of up to 32 MB for later use."""
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(_MMAP_THRESHOLD, _LARGE_BLOCK_BYTES)


def create_worker_app(settings: Settings, n_workers: int) -> FastAPI:
    """Create the application in one of `n_workers` processes, which share the memory for decoding."""
    memory_budget.divide_by(n_workers)
    app = create_app(settings)
    configure_process()
    return app


def _bind(host: str, port: int) -> socket.socket:
    """Reserve the address. No client can connect yet."""
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
        http=LimitedProtocol,
        ws="none",
        log_level="error",  # a warning for each invalid request would fill the log
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=cast("int", graceful_s(settings.limits.stop_timeout_s)),
        limit_max_requests=settings.limits.worker_requests if n_workers > 1 else None,
        limit_max_requests_jitter=(settings.limits.worker_requests or 0) // 10,
        proxy_headers=False,  # imagemood.serve.asgi.forwarded uses them
        ssl_certfile=settings.ssl_certfile,
        ssl_keyfile=settings.ssl_keyfile,
    )


def _run_workers(
    settings: Settings, times: StopTimes, listener: socket.socket, n_workers: int, on_ready: ReadyCallback
) -> None:
    listener.set_inheritable(True)
    # The settings are passed to the workers through a pipe, since other programs could read the token in them from
    # the environment or the command line of a process.
    create = functools.partial(create_worker_app, settings, n_workers)
    with (
        tempfile.TemporaryDirectory(prefix="imagemood-metrics-") as folder,
        environment(**{SHARED_FOLDER_VARIABLE: folder}),
    ):
        workers = Workers(
            _config(create, settings, n_workers=n_workers, factory=True),
            [listener],
            on_ready=on_ready,
            metrics_folder=folder,
            times=times,
        )

        def end() -> None:
            workers.kill()
            shutil.rmtree(folder, ignore_errors=True)

        Stopper(times.total_s + CLEAN_UP_S, workers.stop, end).install()
        workers.run()
    if workers.error is not None:
        raise ModelError(workers.error)
