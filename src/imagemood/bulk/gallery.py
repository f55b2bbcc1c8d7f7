"""A dataset as a page: how often each mood was found, and the pictures that evoke it most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from imagemood._files import atomic_file
from imagemood.bulk import find
from imagemood.bulk.dataset import Dataset
from imagemood.bulk.note import Note
from imagemood.errors import InputError, MissingExtraError, MoodError
from imagemood.pictures.opening import opener
from imagemood.pictures.thumbnails import data_url

_THUMBNAIL_PX = 240
_MAX_KINDS = 50


def write(
    address: str,
    page: str | Path,
    *,
    moods: Sequence[str] = (),
    n_each: int = 12,
    tick: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Write the page, whole or not at all.

    Parameters
    ----------
    address : str
        The dataset's folder.
    page : str or Path
        The HTML file. It holds its thumbnails, and loads nothing from anywhere.
    moods : sequence of str
        The moods to show; all by default.
    n_each : int
        Pictures for each mood.
    tick : callable
        Told how many thumbnails are made, of how many.

    Returns
    -------
    int
        How many pictures are shown without thumbnail, because they cannot be read (any more).

    Raises
    ------
    InputError
        If there is no dataset, no such mood, or the page cannot be written.
    MissingExtraError
        If what draws the page is not installed.
    """
    found = find.dataset_at(address)
    if found is None:
        raise InputError("is no dataset of moods", where=address, hint="imagemood bulk makes one")
    dataset, note = found
    for mood in moods:
        find.check_mood(mood, note.labels)
    template = _template()
    shown = {mood: find.strongest(find.rows_in(dataset, mood), mood, n_each) for mood in moods or note.labels}
    n_total = sum(map(len, shown.values()))
    made: dict[str, str | None] = {}
    n_done = 0
    for rows in shown.values():
        for row in rows:
            if row["path"] not in made:
                made[row["path"]] = _thumbnail(row["path"], note)
            row["thumbnail"] = made[row["path"]]
            n_done += 1
            tick(n_done, n_total)
    text = template.render(**_facts(dataset, note), shown=shown)
    with atomic_file(page) as beside:
        beside.write_text(text, "utf-8")
    return sum(row["thumbnail"] is None for rows in shown.values() for row in rows)


def _template() -> Any:
    try:
        import jinja2  # noqa: PLC0415 (an extra that only pages need)
    except ImportError as error:
        raise MissingExtraError("jinja2", extra="bulk") from error
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string((files("imagemood.bulk") / "gallery.html.j2").read_text("utf-8"))


def _facts(dataset: Dataset, note: Note) -> dict[str, Any]:
    summary = dataset.summary()
    most = max(summary.moods.values(), default=1)
    return {
        "source": note.source,
        "n": summary.n,
        "n_failed": summary.n_failed,
        "n_missing": max(0, note.n_pictures - summary.n),
        "counts": [(mood, n, n / most) for mood, n in summary.moods.items()],
        "errors": [(kind, n, summary.examples[kind]) for kind, n in list(summary.errors.items())[:_MAX_KINDS]],
        "model": note.model,
    }


def _thumbnail(name: str, note: Note) -> str | None:
    column = note.column if note.holds_files else None
    try:
        pixels = opener(folder=note.folder, column=column)(name).decode()
    except MoodError:
        return None
    return data_url(pixels, _THUMBNAIL_PX)
