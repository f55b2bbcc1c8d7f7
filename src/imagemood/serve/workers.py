"""Starts worker processes, replaces those that have ended or do not respond, and stops them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from socket import socket
from typing import cast

import uvicorn
from prometheus_client import multiprocess
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Process

from imagemood._interrupts import interrupts_blocked
from imagemood._parent_process import end_with_parent
from imagemood._streams import print_message
from imagemood.errors import MoodError
from imagemood.serve.stopping import Stopper, StopTimes
from imagemood.serve.transport.asgi_server import AsgiServer

CHECK_S = 0.5
"""Time between two checks of the workers."""
RESPONSE_TIMEOUT_S = 20.0
"""Time limit for the answer of a worker to a check."""
MAX_SILENCE_S = 20.0
"""Time without a sign of life from the event loop of a worker, after which the worker does not answer checks."""
START_TIMEOUT_S = 300.0
"""Time limit for the start of a worker."""
_RECHECK_S = 0.5
_ACCEPT = b"accept"  # a message to a worker, beside uvicorn's checks


class Worker(Process):
    """A worker process that ends with its parent process, and answers checks only while its event loop runs."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], times: StopTimes) -> None:
        self._times = times
        self._may_accept: threading.Event | None = None  # in the worker process only
        self._errors, self._error_writer = multiprocessing.Pipe(duplex=False)
        self._started_at = time.monotonic()
        self.has_been_ready = False
        super().__init__(config, sockets)

    @property
    def server(self) -> AsgiServer:
        """The server, in the worker process only."""
        if self._server is None:
            self._server = AsgiServer(
                self.config, may_accept=self._may_accept, drain_delay_s=self._times.drain_delay_s
            )
        return cast("AsgiServer", self._server)

    def start(self) -> None:
        """Start the process; it does not receive Ctrl+C, which its parent process does."""
        with interrupts_blocked():
            super().start()

    def is_healthy(self) -> bool:
        """Return whether the process is starting, or answers a check."""
        if not self.process.is_alive():
            return False
        if self.has_been_ready:
            return self.ping(RESPONSE_TIMEOUT_S)
        self.has_been_ready = self.is_ready(CHECK_S)
        return self.has_been_ready or time.monotonic() - self._started_at < START_TIMEOUT_S

    def read_error(self) -> str:
        """Return why the process has ended before it could accept requests."""
        if self._errors.poll():
            return str(self._errors.recv())
        return f"a worker process ended while it started ({self.exitcode})"

    def accept(self) -> None:
        """Let the process accept requests as soon as it has loaded its models."""
        with contextlib.suppress(OSError):  # it has ended
            self.parent_conn.send(_ACCEPT)

    def send_stop_signal(self) -> None:
        """Ask the process to stop."""
        with contextlib.suppress(OSError):
            if self.process.exitcode is None:
                os.kill(cast("int", self.process.pid), signal.SIGTERM)

    def target(self, sockets: list[socket] | None = None) -> None:
        """Run the server in the worker process."""
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid is not None:
            end_with_parent(parent.pid)
        # A second signal may be the same one, which was sent to all processes.
        stopper = Stopper(self._times.total_s, self._stop)
        stopper.install([signal.SIGTERM], ends_on_second=False)
        self._may_accept = threading.Event()
        try:
            super().target(sockets)
        except MoodError as error:
            self._error_writer.send(str(error))
            os._exit(STARTUP_FAILURE)
        os._exit(0)  # freeing the models would take time

    def _stop(self) -> None:
        if not self.server.started:  # the models are being loaded
            os._exit(0)
        self.server.stop()

    def pong(self) -> None:
        """Answer a check in the worker process, unless the event loop hangs."""
        if self.child_conn.recv() == _ACCEPT:
            cast("threading.Event", self._may_accept).set()
            return
        end = time.monotonic() + RESPONSE_TIMEOUT_S
        while self.server.started and time.monotonic() - self.server.last_tick > MAX_SILENCE_S:
            if time.monotonic() > end:
                return
            time.sleep(_RECHECK_S)  # the processes may have been suspended
        self.child_conn.send(self.server.is_loaded)


class Workers:
    """The worker processes of a service, which share a socket.

    Parameters
    ----------
    config : uvicorn.Config
        The configuration of each worker, and their number.
    sockets : list of socket
        The sockets that listen.
    on_ready : callable
        Called once all workers have loaded their models, before any of them accepts requests.
    metrics_folder : str
        The folder in which the workers share their metrics.
    times : StopTimes
        The times in which a worker stops.

    Attributes
    ----------
    error : str or None
        Why a worker could not start, so that all have been stopped.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket],
        *,
        on_ready: Callable[[], None],
        metrics_folder: str,
        times: StopTimes,
    ) -> None:
        self._config = config
        self._sockets = sockets
        self._on_ready = on_ready
        self._metrics_folder = metrics_folder
        self._times = times
        self._workers: list[Worker] = []
        self._should_stop = threading.Event()
        self._is_ready = False
        self.error: str | None = None

    def run(self) -> None:
        """Start the workers and watch them until they are stopped."""
        for _ in range(self._config.workers):
            self._workers.append(self._start_worker())
        while not self._should_stop.wait(CHECK_S):
            for index, worker in enumerate(self._workers):
                if not self._should_stop.is_set() and not worker.is_healthy():
                    self._replace(index)
            if not self._is_ready and not self._should_stop.is_set():
                self._is_ready = all(worker.has_been_ready for worker in self._workers)
                if self._is_ready:
                    self._on_ready()
                    for worker in self._workers:
                        worker.accept()
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join()

    def stop(self) -> None:
        """Stop the workers gracefully; a signal handler may call this while a check waits for an answer."""
        self._should_stop.set()
        for worker in list(self._workers):
            if os.name == "posix":
                worker.send_stop_signal()

    def kill(self) -> None:
        """End all workers at once."""
        for worker in list(self._workers):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                worker.process.kill()

    def _start_worker(self) -> Worker:
        worker = Worker(self._config, self._sockets, self._times)
        worker.start()
        if self._is_ready:
            worker.accept()
        return worker

    def _replace(self, index: int) -> None:
        """Start another worker in place of one that has ended, or that does not respond."""
        worker = self._workers[index]
        hangs = worker.process.is_alive()
        worker.kill()
        worker.join()
        multiprocess.mark_process_dead(worker.pid, self._metrics_folder)  # type: ignore[no-untyped-call]
        if self._should_stop.is_set():
            return
        if worker.exitcode == STARTUP_FAILURE or not self._is_ready:
            self.error = worker.read_error()
            self._should_stop.set()
            return
        if hangs:
            print_message(f"warning: worker process {worker.pid} did not respond and is replaced")
        elif worker.exitcode != 0:
            print_message(f"warning: worker process {worker.pid} ended ({worker.exitcode}) and is replaced")
        self._workers[index] = self._start_worker()
