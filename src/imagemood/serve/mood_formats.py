"""The formats of the response of ``POST /v1/moods``, of which the header ``Accept`` chooses one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from imagemood.serve.asgi.negotiation import choose_media_type
from imagemood.serve.problems import Problem, to_json

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
_OFFERED = (JSON, NDJSON, CSV)
_COLUMNS = ("image", "mood", "probability", "error")
CSV_EXAMPLE = f"{','.join(_COLUMNS)}\npixel.png,awe,0.75,\npixel.png,anger,0.25,\n"
NDJSON_EXAMPLE = '{"image": "pixel.png", "moods": {"awe": 0.75, "anger": 0.25}, "affect": null, "tags": {}}\n'
_MAX_LENGTH = 200  # of a header in a message


def choose_format(accept: str | None, *, is_table_enough: bool) -> str:
    """Return the media type of the response.

    Parameters
    ----------
    accept : str or None
        The header ``Accept``.
    is_table_enough : bool
        Whether a row for each mood has all that was asked for.

    Raises
    ------
    Problem
        With status 406 if no format is accepted, or 422 if only CSV is, which has no column for something.

    Examples
    --------
    >>> choose_format("text/csv, application/json;q=0.5", is_table_enough=True)
    'text/csv'
    """
    chosen = choose_media_type(accept, _OFFERED)
    if chosen is None:
        accepted = str(accept)[:_MAX_LENGTH]
        raise Problem(406, f"unsupported Accept: {accepted}; the response can be {', '.join(_OFFERED)}")
    if chosen == CSV and not is_table_enough:
        raise Problem(422, f"{CSV} has no columns for tags and explanations; accept {JSON} or {NDJSON}")
    return chosen


def render(media_type: str, model: dict[str, str], results: Sequence[dict[str, Any]]) -> bytes:
    r"""Return the results in a format.

    Examples
    --------
    >>> results = [{"image": "a.jpg", "moods": {"awe": 0.75, "anger": 0.25}}]
    >>> render(CSV, {}, [*results, {"image": "b.jpg", "error": {"detail": "empty file"}}])
    b'image,mood,probability,error\na.jpg,awe,0.75,\na.jpg,anger,0.25,\nb.jpg,,,empty file\n'
    """
    if media_type == JSON:
        return to_json({"model": model, "results": results})
    if media_type == NDJSON:
        return b"".join(to_json(result) + b"\n" for result in results)
    return _to_csv(results)


def _to_csv(results: Sequence[dict[str, Any]]) -> bytes:
    """Return a row for each mood of each picture, as ``imagemood classify`` does, and a column for errors."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for result in results:
        if "error" in result:
            writer.writerow((result["image"], "", "", result["error"]["detail"]))
        else:
            writer.writerows((result["image"], mood, value, "") for mood, value in result["moods"].items())
    return text.getvalue().encode("utf-8", "backslashreplace")
