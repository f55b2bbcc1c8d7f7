"""acumos dump, acumos push: bundles for an Acumos catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output


def dump(
    bundle_dir: Annotated[
        Path, typer.Option("-o", "--output", help="Directory to write.", metavar="DIR", show_default=False)
    ],
    cascade: Annotated[bool, typer.Option("--cascade", help="The whole: a picture in, its moods out.")] = False,
    tagger: Annotated[bool, typer.Option("--tagger", help="Stage one: a picture in, its tags out.")] = False,
    model: options.Model = None,
    network: Annotated[
        Path | None,
        typer.Option(help="Tagger's ONNX file with its JSON beside it.", metavar="PATH.onnx", show_default=False),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model in the catalogue.")] = "image-mood-classifier",
    license_text: Annotated[
        str | None, typer.Option("--license", help="File with the licence, or its text.", show_default=False)
    ] = None,
) -> None:
    """Write an Acumos bundle (model.zip, model.proto, metadata.json) that the official runner serves as it is.

    By default it is stage two alone: rows of tags in, rows of moods out.

    Example: imagemood acumos dump --model mymodel -o bundle
    """
    from imagemood.acumos.dump import BundleOptions
    from imagemood.acumos.dump import dump as write_bundle
    from imagemood.errors import InputError

    if cascade and tagger:
        raise InputError("--cascade and --tagger are two kinds of bundle", hint="give one of them")
    if network is not None and not (cascade or tagger):
        raise InputError("a bundle of the moods alone has no tagger", hint="give --cascade or --tagger, too")
    if model is not None and tagger:
        raise InputError("a bundle of the tagger alone has no mood classifier", hint="leave --model out")
    kind = "cascade" if cascade else "tagger" if tagger else "moods"
    about = BundleOptions(kind=kind, name=name, license=license_text)
    write_bundle(bundle_dir, model=model, tagger=network, options=about)
    typer.echo(f"{bundle_dir}: Acumos bundle of the {kind}", err=True)


def push(
    bundle_dir: Annotated[Path, typer.Argument(help="Bundle that acumos dump wrote.", metavar="DIR")],
    push_address: Annotated[
        str,
        typer.Option(
            "-a", "--push-address", envvar="ACUMOS_PUSH", help="URL of the onboarding API.", show_default=False
        ),
    ],
    auth_address: Annotated[
        str | None,
        typer.Option(
            "-A", "--auth-address", envvar="ACUMOS_AUTH", help="URL of the authentication API.", show_default=False
        ),
    ] = None,
    microservice: Annotated[bool, typer.Option(help="Have the server build an image.")] = True,
    deploy: Annotated[bool, typer.Option("--deploy", help="Have the server deploy it.")] = False,
) -> None:
    """Send an Acumos bundle to an onboarding server.

    The token comes from ACUMOS_TOKEN, or user name and password from ACUMOS_USERNAME and ACUMOS_PASSWORD: from the
    environment alone, so that no process list shows them.

    Example: imagemood acumos push bundle -a https://acumos.example.org/onboarding-app/v2/models
    """
    from imagemood.acumos.account import Credentials, Destination
    from imagemood.acumos.push import push as send

    destination = Destination(push_address, auth_address, create_microservice=microservice, deploy=deploy)
    for address in destination.insecure:
        output.warn(f"{address} is plain http: your token and password can be read on the way")
    with output.progress("Sending") as tick:
        uri = send(bundle_dir, destination, Credentials.from_environment(), progress=tick)
    typer.echo(f"pushed to {push_address}", err=True)
    if uri:
        typer.echo(uri)
