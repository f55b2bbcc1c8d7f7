"""All features of a picture, in one order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from imagemood.visual import colour, colour_names, composition, content, cooccurrence, itten, tamura, wavelets
from imagemood.visual.picture import SIZE_PX, Picture

GROUPS: dict[str, Callable[[Picture], dict[str, float]]] = {
    "colour means": colour.means,
    "hue": colour.hue,
    "colourfulness": colour.colourfulness,
    "colour names": colour_names.shares,
    "Itten contrasts": itten.contrasts,
    "wavelets": wavelets.energies,
    "Tamura textures": tamura.textures,
    "co-occurrence": cooccurrence.cooccurrence,
    "level of detail": composition.level_of_detail,
    "dynamics": composition.dynamics,
    "rule of thirds": composition.thirds,
    "skin": content.skin,
    "faces": content.faces,
}
"""What measures each group of features."""


def _measure(picture: Picture) -> dict[str, float]:
    measured: dict[str, float] = {}
    for group in GROUPS.values():
        measured.update(group(picture))
    return measured


NAMES: tuple[str, ...] = tuple(_measure(Picture(np.zeros((SIZE_PX, SIZE_PX, 3), dtype=np.uint8))))
"""Names of the features, in the order of the columns."""


def extract(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure the raw visual features of a picture, most of them those of Machajdik and Hanbury [1]_.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        Red, green and blue. Other sizes than `SIZE_PX` squared are brought to it first.

    Returns
    -------
    ndarray of shape (n_features,), float32
        In the order of `NAMES`; all finite.

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
    return np.array(list(_measure(Picture(image)).values()), dtype=np.float32)
