"""Reads the moods and embeddings of a dataset as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagemood.albums.collection import Collection
from imagemood.bulk.dataset import Dataset
from imagemood.bulk.dataset_info import DatasetInfo
from imagemood.errors import InputError


def read_collection(dataset: Dataset, info: DatasetInfo, *, embeddings: bool) -> Iterator[Collection]:
    """Yield the pictures of each file of a dataset, without those that could not be classified.

    Raises
    ------
    InputError
        If the dataset contains no embeddings, but they are needed.
    """
    if embeddings:
        check_embeddings(dataset, info)
    columns = ["path", *info.labels, *(["embedding"] if embeddings else [])]
    for table in dataset.read_tables(columns):
        usable = table.filter(pc.is_valid(table[info.labels[0]]))
        if len(usable):
            yield Collection(
                info.labels,
                usable["path"].to_pylist(),
                np.stack([usable[label].to_numpy() for label in info.labels], axis=1),
                _matrix(usable["embedding"]) if embeddings else None,
            )


def check_embeddings(dataset: Dataset, info: DatasetInfo) -> None:
    """Raise `InputError` unless a dataset contains embeddings."""
    if not info.options.get("embedding"):
        raise InputError(
            "the dataset contains no embeddings",
            where=dataset.address,
            hint="write it with imagemood bulk --embedding, or use --by mood",
        )


def check_model(dataset: Dataset, info: DatasetInfo, model: str) -> None:
    """Raise `InputError` unless the predictions of a dataset come from the models with a hash."""
    if info.model != model:
        raise InputError(
            "the dataset was written with other models",
            where=dataset.address,
            hint="give them with --model and --tagger, or run imagemood bulk again",
        )


def _matrix(column: pa.ChunkedArray) -> Any:
    """Return a column of lists of equal lengths as a matrix."""
    values: Any = pc.list_flatten(column).to_numpy().astype(np.float32, copy=False)
    return values.reshape(len(column), -1)
