"""Bulk runs: classify many pictures with Daft, and write the results as a dataset of Parquet files."""
