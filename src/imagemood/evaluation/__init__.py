"""How well moods are predicted: cross-validation, comparisons, curves and diagnostics."""
