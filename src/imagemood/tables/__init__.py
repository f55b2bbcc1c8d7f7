"""Tag rows in files: CSV, JSON lines, Parquet and protobuf, told apart by their ending."""

from __future__ import annotations

from imagemood.tables.batches import read_batches
from imagemood.tables.feature_table import FeatureTable, read_features
from imagemood.tables.files import FORMATS, format_of
from imagemood.tables.formats import encode, read, write, write_table
from imagemood.tables.labels import Labels, read_labels

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
