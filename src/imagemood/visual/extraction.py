"""Extraction of all visual features of an image, in a fixed order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.visual import colour, colour_names, composition, content, cooccurrence, itten, tamura, wavelets
from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import ImageArrays

GROUPS: tuple[FeatureGroup, ...] = (
    *colour.GROUPS,
    *colour_names.GROUPS,
    *itten.GROUPS,
    *wavelets.GROUPS,
    *tamura.GROUPS,
    *cooccurrence.GROUPS,
    *composition.GROUPS,
    *content.GROUPS,
)
"""Groups of features, in the order in which they are measured."""

FEATURES: tuple[Feature, ...] = tuple(feature for group in GROUPS for feature in group.features)
"""Descriptions of the features, in the order of the columns."""

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
"""Names of the features, in the order of the columns."""


def extract(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure the visual features of an image.

    Most of the features are those of Machajdik and Hanbury [1]_. Each is described in `FEATURES`, and in detail
    in the docstring of the function that measures its group.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        Red, green and blue values of an sRGB image. The image is resized to a square of `SIZE_PX` pixels if it
        has another size.

    Returns
    -------
    ndarray of shape (n_features,), float32
        Values in the order of `NAMES`. All values are finite and lie within the bounds in `FEATURES`.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.

    Examples
    --------
    >>> grey = np.full((224, 224, 3), 128, dtype=np.uint8)
    >>> features = dict(zip(NAMES, extract(grey).tolist(), strict=True))
    >>> features["colour_grey"], features["saturation_mean"], features["level_of_detail"]
    (1.0, 0.0, 1.0)
    """
    arrays = ImageArrays(image)
    values: dict[str, float] = {}
    for group in GROUPS:
        values.update(group.measure(arrays))
    return np.array([values[name] for name in NAMES], dtype=np.float32)
