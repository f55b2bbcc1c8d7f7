"""The commands `acumos dump` and `acumos push`: bundles for an Acumos catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood._text import printable
from imagemood.cli import options, output


def dump(
    bundle_dir: Annotated[
        Path, typer.Option("-o", "--output", help="Directory to write.", metavar="DIR", show_default=False)
    ],
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Both stages: takes a picture, returns its moods.")
    ] = False,
    tagger: Annotated[
        bool, typer.Option("--tagger", help="Stage one only: takes a picture, returns its tags.")
    ] = False,
    model: options.Model = None,
    network: Annotated[
        Path | None,
        typer.Option(
            help="The tagger's ONNX file with its JSON card beside it, or a folder with both.",
            metavar="PATH",
            show_default="the tagger in the model directory, or the built-in one",
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the model in the catalogue.")] = "image-mood-classifier",
    license_text: Annotated[
        str | None, typer.Option("--license", help="The licence: a file, or the text itself.", show_default=False)
    ] = None,
    description: Annotated[
        str | None,
        typer.Option(help="The description for the catalogue: a file, or the text itself.", show_default=False),
    ] = None,
    icon: Annotated[
        Path | None,
        typer.Option(help="The icon for the catalogue, in PNG, JPEG or GIF.", metavar="FILE", show_default=False),
    ] = None,
    force: options.Force = False,
) -> None:
    """Write an Acumos bundle (model.zip, model.proto, metadata.json) that the official runner can serve.

    By default, the bundle holds stage two only: it takes tag rows and returns mood rows.

    Example: imagemood acumos dump --model forest -o bundle
    """
    from imagemood._files import check_folder
    from imagemood.acumos.dump import MARKERS, BundleOptions
    from imagemood.acumos.dump import dump as write_bundle
    from imagemood.errors import InputError

    if cascade and tagger:
        raise InputError("--cascade and --tagger exclude each other", hint="give one of them")
    if network is not None and not (cascade or tagger):
        raise InputError("--network needs --cascade or --tagger", hint="add one of them, or omit --network")
    if model is not None and tagger:
        raise InputError("a bundle of the tagger holds no mood classifier", hint="omit --model")
    check_folder(bundle_dir, markers=MARKERS, force=force)
    kind = "cascade" if cascade else "tagger" if tagger else "moods"
    about = BundleOptions(kind, name, license_text, description, icon)
    write_bundle(bundle_dir, model=model, tagger=network, options=about)
    output.inform(f"{bundle_dir}: Acumos bundle of the {kind}")


def push(
    bundle_dir: Annotated[Path, typer.Argument(help="Bundle written by acumos dump.", metavar="DIR")],
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
    microservice: Annotated[bool, typer.Option(help="Ask the server to build a microservice image.")] = True,
    deploy: Annotated[bool, typer.Option("--deploy", help="Ask the server to deploy the microservice.")] = False,
    ca_file: options.CaFile = None,
) -> None:
    """Send an Acumos bundle to an onboarding server.

    The credentials are read from the environment only, so that no process list shows them: a token from
    ACUMOS_TOKEN, or a user name and a password from ACUMOS_USERNAME and ACUMOS_PASSWORD.

    Example: imagemood acumos push bundle -a https://acumos.example.org/onboarding-app/v2/models
    """
    from imagemood.acumos.account import Credentials, Destination
    from imagemood.acumos.catalogue import catalogue_names
    from imagemood.acumos.push import push as send

    destination = Destination(push_address, auth_address, create_microservice=microservice, deploy=deploy)
    for address in destination.insecure_addresses:
        output.warn(f"{address} is not encrypted: anyone on the network can read your token and password")
    with output.progress("Sending") as progress:
        uri = send(bundle_dir, destination, Credentials.from_environment(), progress=progress)
    output.inform(f"pushed to {push_address}")
    if names := catalogue_names(bundle_dir):
        output.inform(f"add {' and '.join(names)} in the catalogue; onboarding servers do not accept them")
    if uri:
        output.emit(printable(uri) + "\n", None)
