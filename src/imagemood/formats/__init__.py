"""Tag rows in files: CSV, JSON lines, Parquet and protobuf, told apart by their ending."""

from __future__ import annotations

from imagemood.formats.batches import read_batches
from imagemood.formats.features import FeatureTable, read_features
from imagemood.formats.files import FORMATS, format_of
from imagemood.formats.labels import Labels, read_labels
from imagemood.formats.rows import encode, read, write, write_table

__all__ = [
    "FORMATS",
    "FeatureTable",
    "Labels",
    "encode",
    "format_of",
    "read",
    "read_batches",
    "read_features",
    "read_labels",
    "write",
    "write_table",
]
