"""Comparisons with votes and ratings as plain text."""

from __future__ import annotations

from imagemood.evaluation.distributions import DistributionMeasures
from imagemood.evaluation.label_measures import LabelMeasures
from imagemood.evaluation.ratings import Correlation, RatingCorrelations


def format_label_measures(measures: LabelMeasures) -> str:
    """Return a table of the differences from the votes and one of the correlations with ratings, to be appended.

    Examples
    --------
    >>> import numpy as np
    >>> from imagemood.evaluation.distributions import measure_distributions
    >>> votes = np.array([[0.5, 0.5], [1.0, 0.0]])
    >>> found = measure_distributions(votes, np.array([[0.5, 0.5], [0.75, 0.25]]), ("awe", "fear"))
    >>> print(format_label_measures(LabelMeasures(found)).strip())
    difference from the votes  predictions  mean of all votes
    <BLANKLINE>
    KL divergence                    0.144              0.216
    Bray-Curtis dissimilarity        0.125              0.250
    steps on Mikels' wheel           0.250              0.500
    """
    parts = [] if measures.distributions is None else [_format_distributions(measures.distributions)]
    if measures.correlations:
        parts.append(_format_correlations(measures.correlations))
    return "".join(f"\n\n{part}" for part in parts)


def distribution_rows(measures: DistributionMeasures) -> list[tuple[str, float, float | None]]:
    """Return the name of each measure, its value for the predictions, and for the mean of all votes."""
    constant = measures.constant
    rows = [
        ("KL divergence", measures.kl_divergence, None if constant is None else constant.kl_divergence),
        ("Bray-Curtis dissimilarity", measures.bray_curtis, None if constant is None else constant.bray_curtis),
    ]
    if measures.emd is not None:
        rows.append(("steps on Mikels' wheel", measures.emd, None if constant is None else constant.emd))
    return rows


def _format_distributions(measures: DistributionMeasures) -> str:
    lines = ["difference from the votes  predictions  mean of all votes", ""]
    for name, value, constant in distribution_rows(measures):
        lines.append(f"{name:25}  {value:11.3f}  {_number(constant):>17}".rstrip())
    return "\n".join(lines)


def _format_correlations(correlations: list[RatingCorrelations]) -> str:
    lines = [f"correlation with ratings  {'Pearson [95 %]':22}  {'Spearman [95 %]':22}  pictures", ""]
    for one in correlations:
        pearson, spearman = format_correlation(one.pearson), format_correlation(one.spearman)
        lines.append(f"{one.name:24}  {pearson:22}  {spearman:22}  {one.n_images:8d}")
    return "\n".join(lines)


def format_correlation(correlation: Correlation) -> str:
    """Return a coefficient with its confidence interval.

    Examples
    --------
    >>> format_correlation(Correlation(0.61, 0.5, 0.7)), format_correlation(Correlation(None, None, None))
    ('0.610 [0.500, 0.700]', 'undefined')
    """
    if correlation.value is None:
        return "undefined"
    return f"{correlation.value:.3f} [{_number(correlation.low)}, {_number(correlation.high)}]"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
