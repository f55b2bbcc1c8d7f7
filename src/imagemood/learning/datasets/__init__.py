"""Datasets of labelled pictures, in the layouts in which they are published.

To support another layout, write a module with its `DatasetFormat` and add it to
`imagemood.learning.datasets.registry`.
"""
