"""The application: all doors of the service, and what surrounds them."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from uvicorn.config import STARTUP_FAILURE

import imagemood
from imagemood.errors import MoodError
from imagemood.serve import problems
from imagemood.serve.middleware import Guarded, Observed
from imagemood.serve.routes import acumos, open_inference, operations, page, samples, v1
from imagemood.serve.service import Service
from imagemood.serve.settings import Settings

SETTINGS = "IMAGEMOOD_SERVE"
"""Environment variable that carries the settings to the workers."""
_GC_THRESHOLD = 50_000  # objects; a request of a thousand rows makes some thousands, of which none are cycles
_OPEN = ("/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/openapi.json")
"""What needs no token, beside the files of the page."""
_SWITCH_S = 0.0005  # the event loop answers soon while batches are computed; 5 ms cost 2 % of the photos
_SHOWN = ["X-Request-ID", "X-Unknown-Tag-Rows", "Retry-After"]


def create(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings : Settings, optional
        How to serve; the defaults serve the built-in models.

    Returns
    -------
    FastAPI
        An ASGI application.

    Raises
    ------
    ModelError
        If a model is missing, damaged, or does not fit.
    """
    # What Pillow remarks on odd files is no news to an operator.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    settings = settings or Settings()
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _spare_the_collector()
        sys.setswitchinterval(_SWITCH_S)
        service.is_ready = True
        yield
        await service.close()

    app = FastAPI(
        title="image-mood-classifier",
        summary="Tell the mood that a picture evokes.",
        version=imagemood.__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # the page that FastAPI has for it loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    for room in (acumos, v1, open_inference, operations):
        app.include_router(room.router(service))
    app.include_router(samples.router())
    files = page.router()
    app.include_router(files)
    # The last one added is the outermost.
    if settings.token is not None:
        open_paths = [*_OPEN, *(route.path for route in files.routes if isinstance(route, APIRoute))]
        app.add_middleware(Guarded, token=settings.token, open_paths=open_paths)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Accept", "X-Request-ID"],
            expose_headers=_SHOWN,
        )
    app.add_middleware(Observed, metrics=service.metrics, access_log=settings.access_log)
    return app


def _spare_the_collector() -> None:
    """Keep models out of garbage collection, and run it less often than at every message of a thousand rows."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 20, 100)


def from_environment() -> FastAPI:
    """Make the application in a worker, with the settings that its parent left in the environment.

    Returns
    -------
    FastAPI
        An ASGI application.

    Raises
    ------
    SystemExit
        If a model cannot be used any more; its parent then stops, instead of starting another such worker.
    """
    try:
        return create(Settings.from_json(os.environ[SETTINGS]))
    except MoodError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)  # noqa: T201
        sys.exit(STARTUP_FAILURE)
