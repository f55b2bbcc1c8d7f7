"""Checks the files of an earlier run, which a run keeps if they are what it would write itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from imagemood.bulk.chunks import Chunk
from imagemood.bulk.rows import LARGE_COLUMNS, error_kind
from imagemood.errors import MoodError, first_line
from imagemood.pictures.reading import addresses, storage


@dataclass(frozen=True)
class FinishedFile:
    """A file of an earlier run.

    Attributes
    ----------
    name : str
        The name of the file.
    problem : str or None
        Why it cannot be kept.
    error_kinds : set of str
        The kinds of the errors in its rows.
    """

    name: str
    problem: str | None = None
    error_kinds: set[str] = field(default_factory=set)


def check_files(address: str, chunks: Iterable[Chunk], schema: pa.Schema, model: str) -> list[FinishedFile]:
    """Check the files of chunks in the dataset at an address.

    A file can be kept if it has the columns of the schema and one row for each picture of the chunk, in order,
    with the hash of the models, and if its checksums are correct. Those of large columns are not compared.
    """
    return [_check_file(address, chunk, schema, model) for chunk in chunks]


def _check_file(address: str, chunk: Chunk, schema: pa.Schema, model: str) -> FinishedFile:
    name = chunk.file_name
    try:
        with storage.open_file(addresses.join(address, name)) as source:
            file = pq.ParquetFile(source, pre_buffer=False, page_checksum_verification=True)
            if file.schema_arrow.names != schema.names:
                return FinishedFile(name, "its columns are those of another dataset")
            if file.metadata.num_rows != chunk.n_pictures:
                return FinishedFile(name, f"it has {file.metadata.num_rows} rows instead of {chunk.n_pictures}")
            columns = [column for column in schema.names if column not in LARGE_COLUMNS]
            table = file.read(columns=columns, use_threads=False)
            paths, models = table["path"].to_pylist(), set(table["model"].to_pylist())
            kinds = {error_kind(text) for text in table["error"].drop_null().to_pylist()}
    except MoodError as error:
        return FinishedFile(name, error.message)
    except (OSError, ValueError, pa.ArrowException) as error:
        return FinishedFile(name, f"it cannot be read: {first_line(error)}")
    if models != {model} or paths != chunk.names:
        return FinishedFile(name, "its rows are those of other pictures or models")
    return FinishedFile(name, error_kinds=kinds)


def report_problems(files: Sequence[FinishedFile], warn: Callable[[str], None]) -> None:
    """Warn once about all files that cannot be kept."""
    damaged = [file for file in files if file.problem is not None]
    if damaged:
        first = damaged[0]
        warn(
            f"{len(damaged)} of {len(files)} finished files are damaged and computed again, such as {first.name}: "
            f"{first.problem}"
        )
