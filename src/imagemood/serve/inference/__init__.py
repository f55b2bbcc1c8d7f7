"""Decodes and classifies the pictures of concurrent requests in batches."""
