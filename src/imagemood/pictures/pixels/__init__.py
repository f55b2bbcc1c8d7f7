"""Decodes picture files to arrays of pixels."""
