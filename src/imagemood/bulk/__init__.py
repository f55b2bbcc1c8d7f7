"""Bulk runs: classify many pictures with Daft, and write the results as a dataset of Parquet files."""

from __future__ import annotations

from imagemood import _extras

_extras.require("tables")  # before the modules of this package are imported
