"""Reads the content of files, URLs and objects in object stores."""
