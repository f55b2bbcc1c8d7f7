"""The command `page`."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

import imagemood
from imagemood.cli import output
from imagemood.errors import InputError

SOURCE = Path(imagemood.__file__).parent / "serve" / "static" / "standalone"
_END_OF_HEAD = "</head>"


def page(
    folder: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="Folder to write index.html and icon.svg to; other files in it are kept.",
            metavar="FOLDER",
            show_default=False,
        ),
    ],
    service: Annotated[
        str, typer.Option(help="Base URL of the service that the page uses by default.", metavar="URL")
    ] = "http://127.0.0.1:8887/",
) -> None:
    """Write the web page as static files, for any web server, or to open as a file.

    The parameter ?url-image=URL of the page selects another service. Each service must allow the page's origin:
    imagemood serve --cors ORIGIN, where ORIGIN is null for a page that is opened as a file.

    Example: imagemood page -o page
    """
    from imagemood._files import check_folder, write_file

    _check_address(service)
    if not (SOURCE / "index.html").is_file():
        raise InputError("this installation does not contain the web page", hint="run make page in a clone")
    check_folder(folder)
    files = {path.name: path.read_bytes() for path in sorted(SOURCE.iterdir())}
    setting = f'<meta name="imagemood-service" content="{html.escape(service)}" />'
    files["index.html"] = _insert_before(_END_OF_HEAD, setting, files["index.html"])
    for name, content in files.items():
        write_file(folder / name, content, parents=True)
    output.inform(f"wrote {folder / 'index.html'}")


def _check_address(service: str) -> None:
    """Raise `InputError` if the page could not send requests to a URL."""
    try:
        parts = urlsplit(service)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # the port
        is_valid = False
    if not is_valid:
        hint = "for example, http://127.0.0.1:8887/"
        raise InputError("not the URL of a service over HTTP or HTTPS", where=service, hint=hint)


def _insert_before(mark: str, text: str, page_: bytes) -> bytes:
    before, _, after = page_.partition(mark.encode())
    return before + text.encode() + mark.encode() + after
