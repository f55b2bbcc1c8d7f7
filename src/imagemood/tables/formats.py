"""Read and write tag rows, and write any flat table, in each format."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.message import DecodeError

from imagemood.errors import InputError, TagFileError
from imagemood.tables.csv import decode_csv, encode_csv
from imagemood.tables.files import format_of, read_bytes, read_parquet, write_bytes
from imagemood.tables.messages_pb2 import ImageTag, ImageTagSet
from imagemood.tables.tag_set import COLUMNS, TagSet


def read(source: str | Path, *, format: str | None = None) -> TagSet:  # noqa: A002 (the option's name)
    """Read tag rows.

    Parameters
    ----------
    source : str or Path
        A file; ``-`` is standard input.
    format : str, optional
        ``csv``, ``jsonl``, ``parquet`` or ``protobuf``; by default what the file's ending says.

    Returns
    -------
    TagSet
        The rows, in the order of the file.

    Raises
    ------
    TagFileError
        If the file is not what it says, has no rows, or a row is not a tag row: with file, row and field.
    InputError
        If the format is not known.
    """
    kind = format_of(source, format)
    name = "standard input" if str(source) == "-" else str(source)
    table = _DECODERS[kind](read_bytes(source), name)
    if table.num_rows == 0:
        raise TagFileError("has no rows", file=name)
    return TagSet(table, name=name)


def write(tags: TagSet, target: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write tag rows, whole or not at all.

    Parameters
    ----------
    tags : TagSet
        The rows.
    target : str or Path
        A file; ``-`` is standard output.
    format : str, optional
        ``csv``, ``jsonl``, ``parquet`` or ``protobuf``; by default what the file's ending says.

    Raises
    ------
    InputError
        If the format is not known or cannot hold the rows, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tags.parquet"
    >>> write(TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25]), path)
    >>> read(path)
    TagSet(2 rows, 1 images, 2 tags)
    """
    write_table(tags.table, target, format=format)


def write_table(table: pa.Table, target: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write a flat table, whole or not at all.

    Parameters
    ----------
    table : pyarrow.Table
        Any columns of numbers and strings; for protobuf, those of tag rows.
    target : str or Path
        A file; ``-`` is standard output.
    format : str, optional
        ``csv``, ``jsonl``, ``parquet`` or ``protobuf``; by default what the file's ending says.

    Raises
    ------
    InputError
        If the format is not known or cannot hold the table, or the file cannot be written.
    """
    write_bytes(encode(table, format_of(target, format)), target)


def encode(table: pa.Table, format: str) -> bytes:  # noqa: A002
    """Turn a flat table into the content of a file.

    Parameters
    ----------
    table : pyarrow.Table
        Any columns of numbers and strings; for protobuf, those of tag rows.
    format : str
        ``csv``, ``jsonl``, ``parquet`` or ``protobuf``.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    InputError
        If the format cannot hold the table.

    Examples
    --------
    >>> rows = TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25])
    >>> print(encode(rows.table, "csv").decode(), end="")
    image,tag,score
    0,"lakeside, lakeshore",0.75
    0,pier,0.25
    """
    return _ENCODERS[format](table)


def _decode_jsonl(data: bytes, name: str) -> pa.Table:
    rows = []
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    for number, line in enumerate((line for line in lines if line.strip()), start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TagFileError(f"is no JSON: {error}", file=name, row=number) from None
        if not isinstance(row, dict):
            raise TagFileError("is no JSON object", file=name, row=number)
        rows.append(_checked_row(row, name, number))
    images = [row[0] for row in rows]
    if not all(isinstance(image, int) for image in images):
        images = [str(image) for image in images]
    columns = [images, [row[1] for row in rows], [row[2] for row in rows]]
    kinds = [pa.int64() if images and isinstance(images[0], int) else pa.string(), pa.string(), pa.float64()]
    return pa.table({c: pa.array(v, k) for c, v, k in zip(COLUMNS, columns, kinds, strict=True)})


def _checked_row(row: dict[str, object], name: str, number: int) -> tuple[int | str, str, float]:
    for column in COLUMNS:
        if column not in row:
            raise TagFileError("is missing", file=name, row=number, field=column)
    image, tag, score = (row[column] for column in COLUMNS)
    if isinstance(image, bool) or not isinstance(image, int | str):
        raise TagFileError(f"is {image!r}, not a whole number or text", file=name, row=number, field="image")
    if isinstance(image, int) and not -(2**63) <= image < 2**63:
        raise TagFileError("is no 64-bit integer", file=name, row=number, field="image")
    if not isinstance(tag, str):
        raise TagFileError(f"is {tag!r}, not text", file=name, row=number, field="tag")
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise TagFileError(f"is {score!r}, not a number", file=name, row=number, field="score")
    return image, tag, float(score)


def _encode_jsonl(table: pa.Table) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()).encode()


def _decode_parquet(data: bytes, name: str) -> pa.Table:
    try:
        return read_parquet(data)
    except (pa.ArrowException, OSError) as error:
        raise TagFileError("is no Parquet file", file=name) from error


def _encode_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _decode_protobuf(data: bytes, name: str) -> pa.Table:
    message = ImageTagSet()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise TagFileError("is no ImageTagSet message", file=name) from error
    rows = message.ImageTags
    return pa.table(
        {
            "image": pa.array([row.image for row in rows], pa.int64()),
            "tag": pa.array([row.tag for row in rows], pa.string()),
            "score": pa.array([row.score for row in rows], pa.float64()),
        }
    )


def _encode_protobuf(table: pa.Table) -> bytes:
    if not pa.types.is_integer(table["image"].type):
        raise InputError("protobuf holds images by number, not by name", hint="number them with --index")
    columns = (table[column].to_pylist() for column in COLUMNS)
    rows = [ImageTag(image=i, tag=t, score=s) for i, t, s in zip(*columns, strict=True)]
    return ImageTagSet(ImageTags=rows).SerializeToString()


_DECODERS: dict[str, Callable[[bytes, str], pa.Table]] = {
    "csv": decode_csv,
    "jsonl": _decode_jsonl,
    "parquet": _decode_parquet,
    "protobuf": _decode_protobuf,
}
_ENCODERS: dict[str, Callable[[pa.Table], bytes]] = {
    "csv": encode_csv,
    "jsonl": _encode_jsonl,
    "parquet": _encode_parquet,
    "protobuf": _encode_protobuf,
}
