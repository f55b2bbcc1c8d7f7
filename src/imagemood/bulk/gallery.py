"""Writes an HTML page about a dataset: the frequency of each mood, and the pictures that evoke it most."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from imagemood._files import check_file, write_file
from imagemood._templates import load_template
from imagemood.bulk import search
from imagemood.bulk.dataset import Dataset
from imagemood.bulk.dataset_info import DatasetInfo
from imagemood.errors import InputError
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.names import unescape
from imagemood.pictures.thumbnails import thumbnail_of

_THUMBNAIL_PX = 240
_MAX_ERROR_KINDS = 50


def write_gallery(
    address: str,
    page: str | Path,
    *,
    moods: Sequence[str] = (),
    n_per_mood: int = 12,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Write the HTML page of a dataset atomically.

    Parameters
    ----------
    address : str
        The folder of the dataset.
    page : str or Path
        The HTML file. It contains the thumbnails, and loads nothing else.
    moods : sequence of str
        The moods to show. Defaults to all.
    n_per_mood : int
        Number of pictures per mood.
    progress : callable
        Called with the number of finished thumbnails and the number of all thumbnails.

    Returns
    -------
    int
        Number of pictures that are shown without a thumbnail because they can no longer be read.

    Raises
    ------
    InputError
        If there is no dataset, a mood is unknown, or the page cannot be written.
    MissingExtraError
        If Jinja is not installed.
    """
    check_file(page)
    opened = search.open_dataset(address)
    if opened is None:
        raise InputError("not a dataset of moods", where=address, hint="write one with imagemood bulk")
    dataset, info = opened
    for mood in moods:
        search.check_mood(mood, info.labels)
    template = load_template("imagemood.bulk", "gallery.html.j2", extra="bulk")
    shown = {
        mood: search.most_probable(search.dataset_tables(dataset, mood), mood, n_per_mood)
        for mood in moods or info.labels
    }
    _add_thumbnails([row for rows in shown.values() for row in rows], info, progress)
    anchors = {mood: _anchor(mood, number) for number, mood in enumerate(shown)}
    text = template.render(**_values(dataset, info), shown=shown, anchors=anchors)
    write_file(page, text)
    return sum(row["thumbnail"] is None for rows in shown.values() for row in rows)


def _anchor(mood: str, number: int) -> str:
    """Return the identifier of a mood's section: its name if it is plain, which never contains a full stop."""
    return mood if re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_-]*", mood) else f"mood.{number}"


def _values(dataset: Dataset, info: DatasetInfo) -> dict[str, Any]:
    summary = dataset.summary()
    n_most_frequent = max(summary.moods.values(), default=1)
    kinds = list(summary.errors.items())[:_MAX_ERROR_KINDS]
    return {
        "source": info.source,
        "n": summary.n - summary.n_failed,
        "n_failed": summary.n_failed,
        "n_missing": max(0, info.n_pictures - summary.n),
        "counts": [(mood, n, n / n_most_frequent) for mood, n in summary.moods.items()],
        "errors": [(kind, n, summary.examples[kind]) for kind, n in kinds],
        "model": info.model,
    }


def _add_thumbnails(rows: list[dict[str, Any]], info: DatasetInfo, progress: Callable[[int, int], None]) -> None:
    """Add the thumbnail of each row, or None if the picture cannot be read; each picture is read once."""
    open_picture = opener(folder=unescape(info.folder), column=info.column if info.names_are_rows else None)
    thumbnails: dict[str, str | None] = {}
    for n_done, row in enumerate(rows, start=1):
        path = row["path"]
        if path not in thumbnails:
            thumbnails[path] = thumbnail_of(open_picture(path), _THUMBNAIL_PX)
        row["thumbnail"] = thumbnails[path]
        progress(n_done, len(rows))
