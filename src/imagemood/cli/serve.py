"""The command ``imagemood serve``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood._interrupts import exit_immediately
from imagemood._text import without_passwords
from imagemood.cli import configuration, options, output, serve_files
from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.serve.settings import Limits


def serve(
    ctx: typer.Context,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    host: Annotated[str, typer.Option(help="Interface to bind to; 0.0.0.0 binds to all of them.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to bind to.")] = 8887,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes, each with its own models.")] = 1,
    allowed_hosts: Annotated[
        list[str] | None,
        typer.Option(
            help="Further host in the URLs of requests, such as the name that a reverse proxy passes on. *.NAME "
            "allows subdomains, * any host; may be repeated. localhost is always allowed; so are IP addresses and "
            "names of the local network if --host is another interface.",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            help="Origin whose web pages may use the service. May be repeated; * allows any origin.",
            metavar="ORIGIN",
        ),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option(
            help="Prefix of the paths in the URLs of requests, if a reverse proxy serves this service below it.",
            metavar="PATH",
            show_default="/",
        ),
    ] = "",
    forwarded_allow_ips: Annotated[
        list[str] | None,
        typer.Option(
            help="Address or network of a reverse proxy whose headers X-Forwarded-For, -Proto, -Host and -Prefix "
            "are used, such as 127.0.0.1 or 10.0.0.0/8; * for any. May be repeated.",
            metavar="ADDRESS",
            show_default="none",
        ),
    ] = None,
    ssl_certfile: Annotated[
        Path | None,
        typer.Option(
            help="Certificate for HTTPS, in PEM format, with those of its authorities.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    ssl_keyfile: Annotated[
        Path | None,
        typer.Option(
            help="Private key of the certificate, without a password. Defaults to the file of the certificate.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the bearer token that clients must send (Authorization: Bearer …).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    downstream: Annotated[
        list[str] | None,
        typer.Option(
            help="Forward the responses of the method tag to this URL, or with METHOD=URL those of METHOD. "
            "May be repeated: the response of one service is the request to the next.",
            metavar="URL",
            show_default="the addresses in runtime.json",
        ),
    ] = None,
    no_downstream: Annotated[bool, typer.Option("--no-downstream", help="Ignore runtime.json.")] = False,
    allow_urls: Annotated[
        bool, typer.Option("--allow-urls", help="Fetch pictures by URL from public addresses.")
    ] = False,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Maximum size of a request in MB.")] = 20,
    max_megapixels: Annotated[
        float, typer.Option(min=0.001, help="Maximum size of a picture in megapixels.")
    ] = 50,
    max_images: Annotated[int, typer.Option(min=1, help="Maximum number of pictures per request.")] = 32,
    queue: Annotated[
        int, typer.Option(min=1, help="Maximum number of waiting pictures; more are refused with status 503.")
    ] = 128,
    timeout: Annotated[
        float,
        typer.Option(
            min=0.1, help="Time limit for receiving a request's body, and for computing the response.", metavar="S"
        ),
    ] = 30,
    decode_timeout: Annotated[
        float,
        typer.Option(
            min=0,
            help="Decode pictures in separate processes, and end the decoding of a picture after S seconds. "
            "0: decode in threads without a limit, which is faster, if all pictures are trusted.",
            metavar="S",
        ),
    ] = 10,
    drain_delay: Annotated[
        float,
        typer.Option(
            min=0,
            help="On Ctrl+C or SIGTERM, accept requests for S more seconds while /readyz fails, so that load "
            "balancers send no more of them.",
            metavar="S",
        ),
    ] = 0,
    stop_timeout: Annotated[
        float,
        typer.Option(
            min=0.1,
            help="Then complete the requests in progress for up to S seconds.",
            metavar="S",
        ),
    ] = 10,
    worker_requests: Annotated[
        int,
        typer.Option(
            min=0, help="With several workers, replace a worker after N requests. 0: never.", metavar="N"
        ),
    ] = 250_000,
    access_log: Annotated[bool, typer.Option(help="Log each request as a line of JSON.")] = True,
    ca_file: options.CaFile = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help='TOML file with options, such as port = 9000 or token-file = "token.txt".',
            metavar="FILE",
            show_default=False,
            is_eager=True,
            callback=configuration.load,
        ),
    ] = None,
    print_config: Annotated[
        bool, typer.Option("--print-config", help="Check and print all options as a TOML file, and stop.")
    ] = False,
) -> None:
    """Serve the models over HTTP, with a web page at /.

    /v1/moods classifies pictures. /model/methods accepts tag rows and pictures in protobuf or JSON, as the
    official Acumos runner does. /v2 implements the Open Inference Protocol. On Ctrl+C or SIGTERM, the service
    completes the requests in progress and stops; a second signal stops it at once. Behind a reverse proxy, name
    the host of the site with --allowed-hosts mood.example.org, and its prefix, if any, with --root-path /moods.

    Each option can also be set by an environment variable, such as IMAGEMOOD_SERVE_MAX_MB for --max-mb, and in
    the file of --config. The command line has priority over the environment, which has priority over the file.

    Example: imagemood serve --port 8887 --token-file token.txt
    """
    from imagemood.serve import stopping

    stopping.exit_on_sigterm()
    from imagemood.serve import server
    from imagemood.serve.asgi import forwarded
    from imagemood.serve.asgi.hosts import AllowedHosts, is_loopback
    from imagemood.serve.asgi.origins import parse_origins
    from imagemood.serve.settings import Limits, Settings
    from imagemood.serve.token_file import read_token
    from imagemood.serve.transport import tls

    limits = Limits(
        max_bytes=int(max_mb * 1e6),
        max_pixels=int(max_megapixels * 1e6),
        max_images=max_images,
        queue=queue,
        body_timeout_s=timeout,
        response_timeout_s=timeout,
        drain_delay_s=drain_delay,
        stop_timeout_s=stop_timeout,
        worker_requests=worker_requests or None,
        decode_timeout_s=decode_timeout or None,
    )
    _check_limits(limits)
    settings = Settings(
        model=model,
        tagger=None if tagger is None else str(tagger),
        device=device,
        host=host,
        allowed_hosts=tuple(name.strip() for names in allowed_hosts or () for name in names.split(",")),
        cors=parse_origins(cors or ()),
        root_path=forwarded.parse_prefix(root_path),
        forwarded_allow_ips=forwarded.parse_addresses(forwarded_allow_ips or ()),
        ssl_certfile=None if ssl_certfile is None else str(ssl_certfile),
        ssl_keyfile=None if ssl_keyfile is None else str(ssl_keyfile),
        token=None if token_file is None else read_token(token_file),
        downstream={} if no_downstream else serve_files.downstream_addresses(downstream),
        allow_urls=allow_urls,
        access_log=access_log,
        limits=limits,
    )

    # Report errors before the models are loaded.
    AllowedHosts(settings.allowed_hosts, host)
    tls.check_certificate(ssl_certfile, ssl_keyfile)
    if print_config:
        output.emit(
            configuration.describe(ctx, serve_files.addresses_of_runtime_file(settings.downstream, downstream)),
            None,
        )
        return

    def on_ready() -> None:
        if not is_loopback(host) and settings.token is None:
            output.warn(f"{host} accepts requests from other machines without a token: use --token-file")
        for method, addresses in settings.downstream.items():
            shown = ", then ".join(without_passwords(address, is_address=True) for address in addresses)
            output.inform(f"forwarding responses of {method} to {shown}")
        scheme = "http" if ssl_certfile is None else "https"
        output.inform(f"serving at {scheme}://{f'[{host}]' if ':' in host else host}:{port} (Ctrl+C stops)")

    server.run(settings, host=host, port=port, n_workers=workers, on_ready=on_ready)
    exit_immediately(0)  # freeing the models would take time


def _check_limits(limits: Limits) -> None:
    if limits.queue < limits.max_images:
        raise InputError(
            f"--queue {limits.queue} is smaller than --max-images {limits.max_images}",
            hint="set a smaller --max-images",
        )
