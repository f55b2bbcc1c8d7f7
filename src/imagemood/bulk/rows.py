"""The rows of a dataset: one for each picture, with its moods or its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from imagemood.errors import InputError, MoodError, UnavailableError
from imagemood.prediction.result import Result

VERSION = 1
"""Version of the content of rows and of its computation; files of another version are computed again."""
RESERVED_COLUMNS = ("path", "mood", "valence", "arousal", "tags", "embedding", "features", "error", "model")
"""Names of columns that are not moods; some of these columns are optional."""
LARGE_COLUMNS = ("embedding", "features")
"""Names of optional columns that take more space than all others."""
UNAVAILABLE = "temporarily unavailable"
"""The kind of errors that are retried by the next run."""
_FORMER_UNAVAILABLE = "not available for now"  # in datasets of earlier versions


@dataclass(frozen=True)
class OptionalColumns:
    """The optional columns of a dataset.

    Attributes
    ----------
    n_tags : int
        Maximum number of tags per picture, the strongest first.
    embedding, features : bool
        Whether to store the network's embedding and the visual features.
    """

    n_tags: int = 0
    embedding: bool = False
    features: bool = False


def dataset_schema(labels: Sequence[str], columns: OptionalColumns) -> pa.Schema:
    """Return the columns: ``path, mood``, the moods, ``valence, arousal``, optional ones, ``error, model``."""
    reserved = [label for label in labels if label in RESERVED_COLUMNS]
    if reserved:
        raise InputError(f"the mood '{reserved[0]}' has the name of a column of the dataset")
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


def encode(results: Sequence[Result], model: str, schema: pa.Schema, columns: OptionalColumns) -> bytes:
    """Return the content of a Parquet file with one row for each result; `model` is the hash of the models."""
    rows = [_row(result, model, columns) for result in results]
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, schema=schema), sink, compression="zstd", write_page_checksum=True)
    return bytes(sink.getvalue())


def _row(result: Result, model: str, columns: OptionalColumns) -> dict[str, Any]:
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
    """Return the error of a picture in one line, without the name of the picture."""
    return f"{UNAVAILABLE}: {error.message}" if isinstance(error, UnavailableError) else error.message


def error_kind(text: str) -> str:
    """Return the kind of an error: its text without details.

    Examples
    --------
    >>> error_kind("cannot be decoded: image file is truncated (5 bytes not processed)")
    'cannot be decoded'
    >>> error_kind("too small: 4×9 pixels, less than 8×8")
    'too small'
    """
    kind = text.partition(": ")[0]
    return UNAVAILABLE if kind == _FORMER_UNAVAILABLE else kind
