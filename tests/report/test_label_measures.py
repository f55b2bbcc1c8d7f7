from __future__ import annotations

from imagemood.evaluation.distributions import DistributionMeasures
from imagemood.evaluation.label_measures import LabelMeasures
from imagemood.evaluation.ratings import Correlation, RatingCorrelations
from imagemood.report.label_measures import format_label_measures


def test_both_tables():
    constant = DistributionMeasures(1.0, 0.5, None, 3)
    distributions = DistributionMeasures(0.75, 0.25, None, 3, constant)
    undefined = Correlation(None, None, None)
    correlations = [
        RatingCorrelations("valence", Correlation(0.5, 0.25, 0.75), Correlation(-0.5, -0.75, -0.25), 900),
        RatingCorrelations("arousal", undefined, undefined, 899),
    ]
    text = format_label_measures(LabelMeasures(distributions, correlations))
    assert text.startswith("\n\ndifference from the votes")
    lines = [line.split() for line in text.splitlines()]
    assert ["KL", "divergence", "0.750", "1.000"] in lines
    assert ["valence", "0.500", "[0.250,", "0.750]", "-0.500", "[-0.750,", "-0.250]", "900"] in lines
    assert ["arousal", "undefined", "undefined", "899"] in lines
    assert "wheel" not in text
    assert format_label_measures(LabelMeasures()) == ""
