"""The report as one page that needs nothing else, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from imagemood._files import check_replaceable, whole_folder
from imagemood.errors import MissingExtraError, MoodError
from imagemood.pictures import decoding
from imagemood.pictures.sources import Source
from imagemood.pictures.thumbnails import data_url
from imagemood.report.contents import Contents

_PAGE, _DATA = "index.html", "report.json"
_MARKERS = (_PAGE, _DATA)
_THUMBNAIL_PX = 160


def check_writable(folder: str | Path) -> None:
    """Refuse, before the work, a folder that is not ours to replace, and a missing extra.

    Parameters
    ----------
    folder : str or Path
        Where the report should go.

    Raises
    ------
    InputError
        If it is a file or a folder of something else.
    MissingExtraError
        If what draws the report is not installed.
    """
    check_replaceable(folder, markers=_MARKERS)
    try:
        import jinja2  # noqa: F401, PLC0415
        import matplotlib as mpl  # noqa: F401, PLC0415
    except ImportError as error:
        raise MissingExtraError(error.name or "a package", extra="report") from error


def write_report(contents: Contents, folder: str | Path) -> None:
    """Write a report, whole or not at all.

    Parameters
    ----------
    contents : Contents
        What it says.
    folder : str or Path
        The folder: ``index.html``, which loads nothing from anywhere, and ``report.json``. An older report there
        is replaced.

    Raises
    ------
    InputError
        If the folder cannot be written, or holds something else than a report.
    MissingExtraError
        If what draws the report is not installed.
    """
    check_writable(folder)
    page = _render(contents)
    with whole_folder(folder, markers=_MARKERS) as beside:
        (beside / _PAGE).write_text(page, "utf-8")
        (beside / _DATA).write_text(json.dumps(contents.values, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _render(contents: Contents) -> str:
    import jinja2  # noqa: PLC0415 (an extra that only reports need)

    from imagemood.report import plots  # noqa: PLC0415

    values = contents.values
    plotted = {
        "reliability": plots.reliability_diagram(values["reliability"]),
        "precision_recall": plots.precision_recall_plot(values["precision_recall"]),
        "learning": plots.learning_plot(values["learning_curve"]) if values["learning_curve"] else "",
        "resolution": plots.resolution_plot(values["resolution_curve"]) if values["resolution_curve"] else "",
    }
    text = (files("imagemood.report") / "page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    mistakes = [{**mistake, "thumbnail": _thumbnail(mistake)} for mistake in values["mistakes"]]
    return environment.from_string(text).render(**{**values, "mistakes": mistakes}, plots=plotted)


def _thumbnail(mistake: Mapping[str, Any]) -> str | None:
    """Shrink a picture into an address that holds it; None where it is not at hand (any more)."""
    if not isinstance(mistake["image"], str):
        return None
    try:
        pixels = decoding.decode(Source(mistake["image"]).read(), name=mistake["image"])
    except MoodError:
        return None
    return data_url(pixels, _THUMBNAIL_PX)
