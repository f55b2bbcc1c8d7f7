"""Run the application under uvicorn, in one process or several."""

from __future__ import annotations

import os
import signal
import socket
import tempfile

import uvicorn

from imagemood.errors import InputError
from imagemood.serve.app import SETTINGS, create
from imagemood.serve.metrics import SHARED
from imagemood.serve.settings import Settings

_GRACE_S = 5  # beyond the time that an answer may take


def check_address(host: str, port: int) -> None:
    """See whether an address can be served at.

    Parameters
    ----------
    host : str
        Address or name of an interface.
    port : int
        The port.

    Raises
    ------
    InputError
        If it is taken, not allowed, or none of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        raise InputError(
            f"cannot serve there: {error.strerror or error}", where=f"{host}:{port}", hint="choose another --port"
        ) from error


def run(settings: Settings, *, host: str, port: int, n_workers: int = 1) -> None:
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

    Raises
    ------
    ModelError
        If a model is missing, damaged, or does not fit.
    InputError
        If the address cannot be served at.
    """
    check_address(host, port)
    app = create(settings)  # what is wrong with the models is said here, before any worker starts
    common = {
        "host": host,
        "port": port,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": 30,
        "timeout_graceful_shutdown": int(settings.limits.answer_timeout_s) + _GRACE_S,
        "proxy_headers": False,
    }
    # uvicorn stops in good order and then lets the signal end the process as if it had not.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    if n_workers == 1:
        uvicorn.run(app, **common)  # type: ignore[arg-type]
        return
    del app
    with tempfile.TemporaryDirectory(prefix="imagemood-metrics-") as shared:
        os.environ[SETTINGS] = settings.to_json()
        os.environ[SHARED] = shared
        uvicorn.run(
            "imagemood.serve.app:from_environment",
            factory=True,
            workers=n_workers,
            **common,  # type: ignore[arg-type]
        )
