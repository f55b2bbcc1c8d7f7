from __future__ import annotations

import pytest

from imagemood.evaluation.calibration import expected_calibration_error


def test_calibration_error_by_hand():
    # Two bins with 2 and 3 predictions: mean confidence 0.3 and 0.9, accuracy 0.5 and 1.0.
    correct = [True, False, True, True, True]
    confidence = [0.25, 0.35, 0.9, 0.85, 0.95]
    assert expected_calibration_error(correct, confidence, n_bins=2) == pytest.approx((2 * 0.2 + 3 * 0.1) / 5)


@pytest.mark.parametrize(
    ("correct", "confidence", "error"), [([True], [1.0], 0.0), ([False], [1.0], 1.0), ([False], [0.0], 0.0)]
)
def test_calibration_error_at_the_ends(correct, confidence, error):
    assert expected_calibration_error(correct, confidence) == error
