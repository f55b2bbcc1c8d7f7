"""The service as an application of Ray Serve, whose replicas run on the machines of a cluster.

    RAY_USAGE_STATS_ENABLED=0 serve run imagemood.serve.ray_serve:build_app replicas=4

The replicas run the application of `imagemood serve`, behind the HTTP proxies of Ray.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagemood import _usage_reports
from imagemood._suggestions import similar_name
from imagemood.errors import InputError, MissingExtraError
from imagemood.models import device as devices
from imagemood.pictures.pixels import memory_budget
from imagemood.serve.app import create_app
from imagemood.serve.asgi.hosts import AllowedHosts
from imagemood.serve.asgi.origins import parse_origins
from imagemood.serve.problems import format_validation_errors
from imagemood.serve.ray_metrics import RayMetrics
from imagemood.serve.server import configure_process
from imagemood.serve.settings import Limits, Settings
from imagemood.serve.token_file import read_token

if TYPE_CHECKING:
    from fastapi import FastAPI

NAME = "imagemood"
"""Name of the deployment, for its options in the configuration of Ray Serve."""
_ANY_INTERFACE = "0.0.0.0"  # noqa: S104 (the proxies of Ray listen, not this package)


def _split(value: Any) -> Any:
    return [entry.strip() for entry in value.split(",")] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Arguments(BaseModel):
    """Arguments of the application, most of which are options of `imagemood serve`.

    Examples
    --------
    >>> Arguments(replicas=2, max_mb=50).limits.max_bytes
    50000000
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    replicas: int = Field(1, ge=1, description="number of replicas, each with its own models")
    cores: int = Field(1, ge=1, description="number of cores of a replica")
    model: str | None = Field(None, description="model directory, or a built-in model")
    tagger: str | None = Field(None, description="ONNX image classifier, or a folder with one")
    device: str = Field("cpu", description="where to run the network")
    allowed_hosts: Names = Field((), description="further hosts in the URLs of requests, separated by commas")
    cors: Names = Field((), description="origins whose web pages may use the service, separated by commas")
    token_file: str | None = Field(None, description="file with the bearer token that clients must send")
    allow_urls: bool = Field(default=False, description="fetch pictures by URL from public addresses")
    max_mb: float = Field(20, ge=0.001, allow_inf_nan=False, description="maximum size of a request in MB")
    max_megapixels: float = Field(50, ge=0.001, allow_inf_nan=False, description="maximum size of a picture")
    max_images: int = Field(32, ge=1, description="maximum number of pictures per request")
    queue: int = Field(128, ge=1, description="maximum number of waiting pictures, and of requests, per replica")
    timeout: float = Field(30, ge=0.1, allow_inf_nan=False, description="seconds for a body, and for a response")

    @property
    def limits(self) -> Limits:
        """The limits on requests."""
        return Limits(
            max_bytes=int(self.max_mb * 1e6),
            max_pixels=int(self.max_megapixels * 1e6),
            max_images=self.max_images,
            queue=self.queue,
            body_timeout_s=self.timeout,
            response_timeout_s=self.timeout,
            decode_timeout_s=10.0,
        )

    def settings(self, token: str | None) -> Settings:
        """Return the settings of a replica."""
        return Settings(
            model=self.model,
            tagger=self.tagger,
            device=self.device,
            host=_ANY_INTERFACE,
            allowed_hosts=self.allowed_hosts,
            cors=parse_origins(self.cors),
            token=token,
            allow_urls=self.allow_urls,
            access_log=False,  # Ray has one
            limits=self.limits,
        )


def build_app(arguments: Arguments | Mapping[str, Any]) -> Any:
    """Build the application for ``serve run``, `ray.serve.run` and the configuration of a ``RayService``.

    Parameters
    ----------
    arguments : Arguments or mapping
        The arguments. The files that they name must exist on the machines of the replicas.

    Returns
    -------
    ray.serve.Application
        The application.

    Raises
    ------
    InputError
        If an argument is unknown or not valid.
    MissingExtraError
        If Ray Serve is not installed.

    Examples
    --------
    >>> build_app({"replica": 2})
    Traceback (most recent call last):
        ...
    imagemood.errors.InputError: imagemood.serve.ray_serve: unknown argument 'replica' (did you mean replicas?)
    """
    arguments = _parse(arguments)
    if arguments.queue < arguments.max_images:
        raise InputError(f"queue {arguments.queue} is smaller than max_images {arguments.max_images}")
    AllowedHosts(arguments.settings(None).allowed_hosts, _ANY_INTERFACE)  # reports errors before replicas start
    serve = _import_serve()

    def create() -> FastAPI:
        return create_replica(arguments)

    deployment = serve.deployment(
        name=NAME,
        num_replicas=arguments.replicas,
        ray_actor_options={
            "num_cpus": arguments.cores,
            "runtime_env": {"env_vars": dict(_usage_reports.VARIABLES)},
        },
        # The service forms batches of the requests that it has, and refuses more than its queue holds.
        max_ongoing_requests=arguments.queue,
    )
    return deployment(serve.ingress(create)()).bind()


def _parse(arguments: Arguments | Mapping[str, Any]) -> Arguments:
    if isinstance(arguments, Arguments):
        return arguments
    known = Arguments.model_fields
    for name in arguments:
        if name not in known:
            similar = similar_name(str(name), known)
            hint = f"did you mean {similar}?" if similar else f"the arguments are {', '.join(known)}"
            raise InputError(f"unknown argument '{name}'", where=__name__, hint=hint)
    try:
        return Arguments.model_validate(arguments)
    except ValidationError as error:
        raise InputError(format_validation_errors(error.errors()), where=__name__) from error


def _import_serve() -> Any:
    try:
        from ray import serve  # noqa: PLC0415 (slow, and an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("ray[serve]", extra="ray") from error
    return serve


def create_replica(arguments: Arguments) -> FastAPI:
    """Load the models of a replica, which uses its share of the cores and of the memory of the machine."""
    memory_budget.divide_by(max(1, devices.cpu_count() // arguments.cores))
    devices.limit_cpu_count(arguments.cores)
    token = None if arguments.token_file is None else read_token(Path(arguments.token_file))
    app = create_app(arguments.settings(token))
    configure_process()
    from ray.serve.metrics import Gauge  # noqa: PLC0415 (slow, and an extra)

    RayMetrics(app.state.metrics, Gauge).start()
    return app
