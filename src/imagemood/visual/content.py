"""Content: skin and faces."""

from __future__ import annotations

import math
import threading

import cv2
import numpy as np
from skimage import data
from skimage.feature import Cascade

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays

_MIN_FACE_PX = 40
_thread_local = threading.local()  # each thread needs its own detector, which keeps state during detection


def skin_share(arrays: ImageArrays) -> dict[str, float]:
    """Measure the share of skin-coloured pixels: 133 ≤ Cr ≤ 173 and 77 ≤ Cb ≤ 127 [1]_.

    The range covers skin of all tones, which differ more in brightness than in hue. It also covers the colours of
    wood and sand.

    Returns
    -------
    dict of str to float
        ``skin_share`` in [0, 1].

    References
    ----------
    .. [1] Chai, D., Ngan, K. N. (1999). Face segmentation using skin-color map in videophone applications. IEEE
       Transactions on Circuits and Systems for Video Technology 9(4), 551-564.

    Examples
    --------
    >>> image = np.full((224, 224, 3), (80, 150, 230), dtype=np.uint8)
    >>> image[:56] = (224, 172, 105)
    >>> skin_share(ImageArrays(image))
    {'skin_share': 0.25}
    """
    ycrcb = cv2.cvtColor(arrays.rgb, cv2.COLOR_RGB2YCrCb)
    is_skin = cv2.inRange(ycrcb, np.array([0, 133, 77]), np.array([255, 173, 127]))
    return {"skin_share": float((is_skin > 0).mean())}


def face_statistics(arrays: ImageArrays) -> dict[str, float]:
    """Count frontal faces and measure the largest one, with a cascade on local binary patterns [1]_.

    The detector and its weights are those of scikit-image. It finds upright frontal faces of 40 pixels or more. It
    misses faces that are turned away, small or badly lit, and its accuracy differs between groups of people.

    Returns
    -------
    dict of str to float
        ``face_count``, the number of faces, and ``face_share``, the share of the image that the bounding box of
        the largest face covers, in [0, 1].

    References
    ----------
    .. [1] Zhang, L., Chu, R., Xiang, S., Liao, S., Li, S. Z. (2007). Face detection based on multi-block LBP
       representation. International Conference on Biometrics.

    Examples
    --------
    >>> white = ImageArrays(np.full((224, 224, 3), 255, dtype=np.uint8))
    >>> face_statistics(white)
    {'face_count': 0.0, 'face_share': 0.0}
    """
    if not hasattr(_thread_local, "detector"):
        _thread_local.detector = Cascade(data.lbp_frontal_face_cascade_filename())  # type: ignore[no-untyped-call]
    faces = _thread_local.detector.detect_multi_scale(
        arrays.grey,
        scale_factor=1.25,
        step_ratio=2,
        min_size=(_MIN_FACE_PX, _MIN_FACE_PX),
        max_size=(SIZE_PX, SIZE_PX),
        min_neighbor_number=2,
    )
    largest = max((face["width"] * face["height"] for face in faces), default=0)
    return {"face_count": float(len(faces)), "face_share": largest / SIZE_PX**2}


_ZHANG = "Zhang et al. (2007)"

GROUPS = (
    FeatureGroup(
        "skin",
        "Content",
        skin_share,
        (
            Feature(
                "skin_share",
                "share of the pixels with 133 ≤ Cr ≤ 173 and 77 ≤ Cb ≤ 127",
                0,
                1,
                source="Chai and Ngan (1999)",
            ),
        ),
    ),
    FeatureGroup(
        "faces",
        "Content",
        face_statistics,
        (
            Feature(
                "face_count",
                "number of upright frontal faces of 40 pixels or more",
                0,
                math.inf,
                unit="faces",
                source=_ZHANG,
            ),
            Feature("face_share", "share of the picture that the largest face covers", 0, 1, source=_ZHANG),
        ),
    ),
)
