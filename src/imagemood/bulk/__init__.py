"""Bulk runs: classify many pictures with Daft, and write the results as a dataset of Parquet files."""

RESUME_HINT = "run the same command again to resume"
