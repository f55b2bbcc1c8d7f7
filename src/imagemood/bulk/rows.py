"""Results as rows of a dataset: one for each picture, whether it has moods or an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from imagemood.errors import InputError, MoodError, UnavailableError
from imagemood.prediction.result import Result

VERSION = 1
"""Of what rows hold and how it is computed; another version's files are not kept."""
FIXED = ("path", "mood", "valence", "arousal", "tags", "embedding", "features", "error", "model")
"""Columns that are there beside the moods, some of them if asked for."""
UNAVAILABLE = "not available for now"
"""The kind of errors that may not be met again."""


@dataclass(frozen=True)
class Columns:
    """What a row holds beside moods.

    Attributes
    ----------
    n_tags : int
        So many of the strongest tags.
    embedding, features : bool
        Whether the network's embedding, and the raw visual features, are kept.
    """

    n_tags: int = 0
    embedding: bool = False
    features: bool = False


def schema(labels: Sequence[str], columns: Columns) -> pa.Schema:
    """Describe the rows.

    Parameters
    ----------
    labels : sequence of str
        The moods.
    columns : Columns
        What rows hold beside them.

    Returns
    -------
    pyarrow.Schema
        ``path, mood``, a column for each mood, ``valence, arousal``, what `columns` ask for, ``error, model``.

    Raises
    ------
    InputError
        If a mood is called like another column.
    """
    taken = [label for label in labels if label in FIXED]
    if taken:
        raise InputError(f"the mood '{taken[0]}' is called like a column of the dataset")
    fields = [("path", pa.string()), ("mood", pa.string())]
    fields += [(label, pa.float64()) for label in labels]
    fields += [("valence", pa.float64()), ("arousal", pa.float64())]
    if columns.n_tags:
        fields.append(("tags", pa.list_(pa.struct([("tag", pa.string()), ("score", pa.float32())]))))
    if columns.embedding:
        fields.append(("embedding", pa.list_(pa.float32())))
    if columns.features:
        from imagemood.visual import NAMES  # noqa: PLC0415 (an extra that few runs need)

        fields.append(("features", pa.struct([(name, pa.float32()) for name in NAMES])))
    return pa.schema([*fields, ("error", pa.string()), ("model", pa.string())])


def encode(results: Sequence[Result], model: str, layout: pa.Schema, columns: Columns) -> bytes:
    """Write rows as a Parquet file.

    Parameters
    ----------
    results : sequence of Result
        What the cascade says of the pictures.
    model : str
        The model's hash.
    layout : pyarrow.Schema
        What `schema` gives.
    columns : Columns
        What rows hold beside moods.

    Returns
    -------
    bytes
        The file's content.
    """
    rows = [_row(result, model, columns) for result in results]
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in layout]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, schema=layout), sink, compression="zstd")
    return bytes(sink.getvalue())


def _row(result: Result, model: str, columns: Columns) -> dict[str, Any]:
    if result.error is not None:
        return {"path": result.image, "error": error_text(result.error), "model": model}
    fields = result.to_dict(tags=columns.n_tags)
    row: dict[str, Any] = {"path": fields["image"], "mood": result.mood, **fields["moods"], "model": model}
    if fields["affect"] is not None:
        row.update(valence=fields["affect"]["valence"], arousal=fields["affect"]["arousal"])
    if columns.n_tags:
        row["tags"] = [{"tag": tag, "score": score} for tag, score in fields["tags"].items()]
    if columns.embedding:
        row["embedding"] = result.embedding
    if columns.features and result.visual is not None:
        from imagemood.visual import NAMES  # noqa: PLC0415

        row["features"] = dict(zip(NAMES, result.visual.tolist(), strict=True))
    return row


def error_text(error: MoodError) -> str:
    """Say what is wrong with a picture, without its name.

    Parameters
    ----------
    error : MoodError
        The error.

    Returns
    -------
    str
        One line.
    """
    text = str(MoodError(error.what, hint=error.hint))
    return f"{UNAVAILABLE}: {text}" if isinstance(error, UnavailableError) else text


def error_kind(text: str) -> str:
    """Tell the kind of an error: what it says, without particulars.

    Parameters
    ----------
    text : str
        What `error_text` gives.

    Returns
    -------
    str
        The kind.

    Examples
    --------
    >>> error_kind("cannot be decoded: image file is truncated (5 bytes not processed)")
    'cannot be decoded'
    >>> error_kind("too small: 4×9 pixels, less than 8×8")
    'too small'
    """
    return text.partition(": ")[0]
