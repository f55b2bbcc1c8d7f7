"""Evaluates mood classifiers: cross-validation, metrics, comparisons, curves and diagnostics."""
