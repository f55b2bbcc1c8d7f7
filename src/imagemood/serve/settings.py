"""Settings of the service, as the command line passes them to each worker process."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_TAG_ROWS_BYTES = 8_000_000
"""Maximum size of a request of tag rows: an empty row takes 2 bytes in protobuf, but 50 bytes in memory."""
MAX_TAG_ROWS = 250_000
"""Maximum number of rows in a request of tag rows."""
MAX_TAG_ROW_IMAGES = 4096
"""Maximum number of images in a request of tag rows: each image becomes a row of a dense matrix."""


@dataclass(frozen=True)
class Limits:
    """Limits on a single request, and on all requests together."""

    max_bytes: int = 20_000_000  # of a request's body, and of a picture fetched by URL
    max_pixels: int = 50_000_000  # width × height of a picture, checked before it is decoded
    max_images: int = 32  # pictures per request
    queue: int = 128  # pictures, or requests of tag rows, that may wait; more are refused immediately
    max_held_bytes: int = 256_000_000  # memory of all requests together; see `imagemood.serve.memory`
    body_timeout_s: float = 20.0  # for receiving a body, or fetching all pictures by URL
    response_timeout_s: float = 30.0  # for computing the response
    drain_delay_s: float = 0.0  # for accepting requests after the service is asked to stop, and is not ready
    stop_timeout_s: float = 10.0  # for completing the requests in progress when the service is stopped
    worker_requests: int | None = 250_000  # after so many, a worker is replaced, if there are several
    decode_timeout_s: float | None = None  # for decoding a picture in a process of its own; None: in a thread


@dataclass(frozen=True)
class Settings:
    """Settings of the service. They can be pickled, and their representation does not show the token.

    Examples
    --------
    >>> Settings(token="secret", limits=Limits(max_images=2)).limits.max_images
    2
    """

    model: str | None = None  # model directory or name of a built-in model
    tagger: str | None = None  # ONNX image classifier
    device: str = "auto"  # auto, cpu, cuda or cuda:N
    host: str = "127.0.0.1"  # interface that the service is bound to, which determines the hosts that are allowed
    allowed_hosts: tuple[str, ...] = ()  # further hosts that requests may be addressed to
    cors: tuple[str, ...] = ()  # origins whose pages may use the service
    root_path: str = ""  # prefix of the paths that clients request, behind a reverse proxy
    forwarded_allow_ips: tuple[str, ...] = ()  # addresses of proxies whose headers X-Forwarded-… are used
    ssl_certfile: str | None = None  # certificate for TLS
    ssl_keyfile: str | None = None  # its private key; None if it is in the same file
    token: str | None = field(default=None, repr=False)  # bearer token that clients must send
    downstream: dict[str, list[str]] = field(default_factory=dict)  # forwarding addresses of each Acumos method
    allow_urls: bool = False  # whether pictures are fetched by URL
    access_log: bool = True  # whether each request is logged on standard error
    limits: Limits = field(default_factory=Limits)
