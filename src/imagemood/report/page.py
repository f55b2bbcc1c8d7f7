"""The report as a self-contained web page and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagemood import _extras
from imagemood._files import atomic_folder, check_folder
from imagemood._templates import load_template
from imagemood._text import to_json
from imagemood.errors import MoodError
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.thumbnails import thumbnail_of
from imagemood.report.plots import PLOTS
from imagemood.report.report_data import ReportData
from imagemood.report.svg import import_matplotlib
from imagemood.report.values import report_values

_PAGE, _DATA = "index.html", "report.json"
_MARKERS = (_PAGE, _DATA)
_THUMBNAIL_PX = 160


def check_report_folder(folder: str | Path) -> None:
    """Raise if a report cannot be written to the folder, before the time-consuming evaluation starts.

    The folder must be writable, and new, empty, or that of an older report. The packages that draw the report must
    be installed.
    """
    check_folder(folder, markers=_MARKERS)
    _extras.require("report")
    import_matplotlib()


def write_report(data: ReportData, folder: str | Path) -> None:
    """Write a report atomically, replacing an older one.

    Parameters
    ----------
    data : ReportData
        What the report shows.
    folder : str or Path
        Folder for the report: ``index.html``, which loads no other files, and ``report.json``.

    Raises
    ------
    InputError
        If the folder cannot be written, or contains anything other than a report.
    MissingExtraError
        If the packages that draw the report are not installed.
    """
    check_report_folder(folder)
    values = report_values(data)
    page = _render(values)
    with atomic_folder(folder, markers=_MARKERS) as temporary:
        (temporary / _PAGE).write_text(page, "utf-8")
        (temporary / _DATA).write_text(to_json(values, indent=1) + "\n", "utf-8")


def _render(values: Mapping[str, Any]) -> str:
    """Return the page as HTML."""
    template = load_template("imagemood.report", "page.html.j2", extra="report")
    plots = [(plot, plot.draw(values[plot.key])) for plot in PLOTS if values[plot.key]]
    mistakes = [{**mistake, "thumbnail": _thumbnail(mistake["image"])} for mistake in values["mistakes"]]
    return template.render({**values, "mistakes": mistakes, "plots": plots})


def _thumbnail(path: str | int) -> str | None:
    """Return a thumbnail of the picture as a data URL, or None if the picture is not available."""
    if not isinstance(path, str):
        return None
    try:
        picture = opener()(path)
    except MoodError:  # it is on another machine, and the extra for reading it is missing
        return None
    return thumbnail_of(picture, _THUMBNAIL_PX)
