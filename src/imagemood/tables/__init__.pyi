from .batches import batches_to_matrix, read_batches
from .feature_table import FeatureTable, read_features
from .files import format_of
from .formats import FORMATS
from .labels import Labels, read_labels
from .table_files import encode, read, write, write_table

__all__ = [
    "FORMATS",
    "FeatureTable",
    "Labels",
    "batches_to_matrix",
    "encode",
    "format_of",
    "read",
    "read_batches",
    "read_features",
    "read_labels",
    "write",
    "write_table",
]
