"""Finds the pictures of a source, and those that tables list or contain."""
