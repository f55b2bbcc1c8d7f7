"""serve: the cascade over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from imagemood.serve.settings import Limits

_LOOPBACK = ("localhost", "::1")
_RUNTIME = Path("runtime.json")
_MIN_TOKEN = 16


def serve(
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    host: Annotated[str, typer.Option(help="Interface to serve at; 0.0.0.0 is all of them.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to serve at.")] = 8887,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each with models of its own.")] = 1,
    cors: Annotated[
        list[str] | None,
        typer.Option(help="Origin whose pages may use the service; may be repeated; * is any.", metavar="ORIGIN"),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with a token that clients must bear (Authorization: Bearer …).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    downstream: Annotated[
        list[str] | None,
        typer.Option(
            help="Where answers of the method tag go on to, or METHOD=URL; may be repeated: one after the other.",
            metavar="URL",
            show_default="what runtime.json says",
        ),
    ] = None,
    no_downstream: Annotated[bool, typer.Option("--no-downstream", help="Do not look at runtime.json.")] = False,
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="Fetch pictures by URL, from public addresses.")
    ] = False,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Size of a request at most, in MB.")] = 20,
    max_megapixels: Annotated[
        float, typer.Option(min=0.001, help="Pixels of a picture at most, in millions.")
    ] = 50,
    max_images: Annotated[int, typer.Option(min=1, help="Pictures in a request at most.")] = 32,
    queue: Annotated[int, typer.Option(min=1, help="Pictures that may wait; further ones are refused.")] = 128,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a request's body may take, and the answer.", metavar="S")
    ] = 30,
    access_log: Annotated[bool, typer.Option(help="Write a line of JSON for each request.")] = True,
) -> None:
    """Serve the cascade over HTTP, with a web page at /.

    Pictures at /v1/moods, rows of tags and pictures in protobuf or JSON at /model/methods, as the official Acumos
    runner takes them, and the Open Inference Protocol at /v2. Stops in good order at Ctrl+C or SIGTERM.

    Example: imagemood serve --port 8887 --token-file token.txt
    """
    try:
        from imagemood.serve import server
        from imagemood.serve.settings import Limits, Settings
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), extra="serve") from None

    limits = Limits(
        max_bytes=int(max_mb * 1e6),
        max_pixels=int(max_megapixels * 1e6),
        max_images=max_images,
        queue=queue,
        body_timeout_s=timeout,
        answer_timeout_s=timeout,
    )
    settings = Settings(
        model=model,
        tagger=None if tagger is None else str(tagger),
        device=device,
        cors=tuple(cors or ()),
        token=None if token_file is None else _token(token_file),
        downstream={} if no_downstream else _downstream(downstream),
        allow_urls=allow_urls,
        access_log=access_log,
        limits=_checked(limits),
    )

    def ready() -> None:
        if not (host in _LOOPBACK or host.startswith("127.")) and settings.token is None:
            output.warn(f"{host} is open to others, and there is no token: give --token-file")
        for method, addresses in settings.downstream.items():
            typer.echo(f"answers of {method} go on to {', then '.join(addresses)}", err=True)
        typer.echo(f"serving at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl+C stops)", err=True)

    server.run(settings, host=host, port=port, n_workers=workers, ready=ready)


def _checked(limits: Limits) -> Limits:
    if limits.queue < limits.max_images:
        raise InputError(
            f"--queue {limits.queue} is less than the {limits.max_images} pictures of one request",
            hint="give a smaller --max-images, too",
        )
    return limits


def _token(path: Path) -> str:
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise InputError(f"cannot be read: {reason}", where=str(path)) from error
    if len(token) < _MIN_TOKEN or not token.isascii() or len(token.split()) != 1:
        raise InputError(
            f"holds no token: one word of {_MIN_TOKEN} letters and digits at least",
            where=str(path),
            hint="openssl rand -hex 32 makes one",
        )
    return token


def _downstream(given: list[str] | None) -> dict[str, list[str]]:
    from imagemood.serve.settings import downstream_in, downstream_of

    if given:
        return downstream_of(given, where="--downstream")
    if not _RUNTIME.is_file():
        return {}
    try:
        fields = json.loads(_RUNTIME.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"is no JSON: {error}", where=str(_RUNTIME), hint="or give --no-downstream") from error
    return downstream_in(fields, where=str(_RUNTIME))
