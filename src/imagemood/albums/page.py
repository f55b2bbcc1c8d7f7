"""The summary of an album as a web page that loads nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from imagemood._files import write_file
from imagemood._templates import load_template
from imagemood.albums import summary
from imagemood.albums.collection import Collection
from imagemood.albums.timeline_plot import COLOURS
from imagemood.errors import MoodError
from imagemood.pictures.capture_dates import capture_date
from imagemood.pictures.picture import Picture
from imagemood.pictures.thumbnails import thumbnail_of

_THUMBNAIL_PX = 320
_N_OUTLIERS = 6
_MAX_POINTS = 2000


def write_page(
    collection: Collection,
    page: str | Path,
    open_picture: Callable[[str], Picture],
    *,
    title: str,
    n_failed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Write the summary of an album atomically.

    Parameters
    ----------
    collection : Collection
        The pictures.
    page : str or Path
        The HTML file.
    open_picture : callable
        Opens a picture by its name, to read its capture date and to show it.
    title : str
        The name of the album.
    n_failed : int
        The number of pictures that could not be classified.
    progress : callable
        Called with the number of pictures whose dates were read, and the number of all pictures.
    """
    template = load_template("imagemood.albums", "album.html.j2", extra="report")
    dates = []
    for n_done, name in enumerate(collection.images, start=1):
        dates.append(_date(open_picture(name)))
        progress(n_done, len(collection))
    values = _values(collection, dates)
    indices = {*values["strongest"].values(), *values["outliers"]}
    pictures = {
        i: {
            "name": collection.images[i],
            "mood": values["moods"][i],
            "probability": float(collection.probabilities[i].max()),
            "thumbnail": thumbnail_of(open_picture(collection.images[i]), _THUMBNAIL_PX),
            "date": dates[i],
        }
        for i in sorted(indices)
    }
    write_file(page, template.render(**values, title=title, n_failed=n_failed, pictures=pictures))


def _values(collection: Collection, dates: Sequence[datetime | None]) -> dict[str, Any]:
    moods = summary.most_probable_moods(collection)
    counts = Counter(moods)
    affects = summary.affects(collection)
    step = max(1, -(-len(collection) // _MAX_POINTS))
    return {
        "n": len(collection),
        "n_dated": sum(date is not None for date in dates),
        "moods": moods,
        "colours": {mood: COLOURS[i % len(COLOURS)] for i, mood in enumerate(collection.labels)},
        "shares": [
            (mood, n, n / len(collection)) for mood, n in sorted(counts.items(), key=lambda e: (-e[1], e[0]))
        ],
        "points": None
        if affects is None
        else [(*affects[i], moods[i], collection.images[i]) for i in range(0, len(collection), step)],
        "means": None if affects is None else [sum(axis) / len(affects) for axis in zip(*affects, strict=True)],
        "periods": summary.timeline(moods, dates),
        "strongest": summary.strongest(collection),
        "outliers": summary.outliers(collection, _N_OUTLIERS),
    }


def _date(picture: Picture) -> datetime | None:
    try:
        return capture_date(picture.read())
    except MoodError:
        return None
