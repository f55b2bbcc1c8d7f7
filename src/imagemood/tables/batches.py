"""Tag rows in parts, for files that are larger than memory, and the matrix of all parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from imagemood.errors import TableError
from imagemood.tables.coding import integers_if_possible
from imagemood.tables.files import format_of, is_address, is_archive
from imagemood.tables.formats import FORMATS
from imagemood.tables.matrix import TagMatrix, add_scores
from imagemood.tables.memory import check_memory
from imagemood.tables.table_files import read
from imagemood.tables.tag_set import TagSet


def read_batches(source: str | Path, *, format: str | None = None) -> Iterator[TagSet]:  # noqa: A002
    """Read tag rows as `read` does, but in parts if the format supports it.

    The rows of one image may be in several parts. In parts of a CSV file, all images are text.
    """
    tables = None
    if str(source) != "-" and not is_address(source) and not is_archive(source):
        read_parts = FORMATS[format_of(source, format)].read_tag_row_batches
        tables = None if read_parts is None else read_parts(Path(source))
    if tables is None:
        yield read(source, format=format)
        return
    n_rows = 0
    for table in tables:
        try:
            yield TagSet(table, name=str(source))
        except TableError as error:
            if error.row is None:
                raise
            row = n_rows + error.row  # counted from the beginning of the file
            raise TableError(error.what, file=str(source), row=row, field=error.field) from None
        n_rows += table.num_rows
    if n_rows == 0:
        raise TableError("no rows", file=str(source))


def batches_to_matrix(batches: Iterable[TagSet]) -> tuple[TagMatrix, tuple[str, ...]]:
    """Return the matrix of all parts, and its tags in ascending order.

    Until the matrix is built, each tag row takes 12 bytes of memory. `InputError` is raised if there is not enough
    memory to train on the matrix.

    Examples
    --------
    >>> first = TagSet.from_rows(["7", "7"], ["dog", "cat"], [0.5, 0.25])
    >>> matrix, vocabulary = batches_to_matrix([first, TagSet.from_rows(["7"], ["cat"], [0.25])])
    >>> matrix.values, matrix.images, vocabulary
    (array([[0.5, 0.5]], dtype=float32), [7], ('cat', 'dog'))
    """
    image_rows: dict[int | str, int] = {}
    tag_numbers: dict[str, int] = {}
    parts = []
    for batch in batches:
        image, tag, scores = batch.coordinates()
        rows = np.array([image_rows.setdefault(i, len(image_rows)) for i in batch.images], dtype=np.int32)
        tags = np.array([tag_numbers.setdefault(t, len(tag_numbers)) for t in batch.vocabulary], dtype=np.int32)
        parts.append((rows[image], tags[tag], scores))
    check_memory(len(image_rows), len(tag_numbers))
    vocabulary = tuple(sorted(tag_numbers))
    column_of_number = np.empty(len(vocabulary), dtype=np.int64)
    column_of_number[[tag_numbers[tag] for tag in vocabulary]] = np.arange(len(vocabulary))
    values = np.zeros((len(image_rows), len(vocabulary)), dtype=np.float32)
    while parts:  # each part is freed once its scores are in the matrix
        row, number, scores = parts.pop(0)
        add_scores(values, row, column_of_number[number], scores)
    return TagMatrix(values, integers_if_possible(list(image_rows))), vocabulary
