"""Moods of very many pictures: cut into chunks, spread by Daft over cores or a Ray cluster, kept as Parquet."""
