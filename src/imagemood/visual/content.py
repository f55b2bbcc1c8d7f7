"""Content: skin and faces."""

from __future__ import annotations

import threading

import cv2
import numpy as np
from skimage import data
from skimage.feature import Cascade

from imagemood.visual.picture import SIZE_PX, Picture

_SMALLEST_FACE_PX = 40
_of_thread = threading.local()  # the detector keeps state while it looks


def skin(picture: Picture) -> dict[str, float]:
    """Tell the share of skin-coloured pixels: 133 ≤ Cr ≤ 173 and 77 ≤ Cb ≤ 127 [1]_.

    The range holds for skin of all tones, whose brightness differs more than its hue; it also holds for wood and
    sand.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        The share in [0, 1].

    References
    ----------
    .. [1] Chai, D., Ngan, K. N. (1999). Face segmentation using skin-color map in videophone applications. IEEE
       Transactions on Circuits and Systems for Video Technology 9(4), 551-564.
    """
    ycrcb = cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2YCrCb)
    inside = cv2.inRange(ycrcb, np.array([0, 133, 77]), np.array([255, 173, 127]))
    return {"skin_share": float((inside > 0).mean())}


def faces(picture: Picture) -> dict[str, float]:
    """Count frontal faces and measure the largest one, with the cascade of local binary patterns [1]_.

    The detector and its weights are scikit-image's. It finds upright frontal faces of 40 pixels or more; people
    turned away, small or in the dark are missed, and not for all groups of people alike.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Number of faces, and the largest face's share of the picture in [0, 1].

    References
    ----------
    .. [1] Zhang, L., Chu, R., Xiang, S., Liao, S., Li, S. Z. (2007). Face detection based on multi-block LBP
       representation. International Conference on Biometrics.
    """
    if not hasattr(_of_thread, "detector"):
        _of_thread.detector = Cascade(data.lbp_frontal_face_cascade_filename())  # type: ignore[no-untyped-call]
    found = _of_thread.detector.detect_multi_scale(
        picture.grey,
        scale_factor=1.25,
        step_ratio=2,
        min_size=(_SMALLEST_FACE_PX, _SMALLEST_FACE_PX),
        max_size=(SIZE_PX, SIZE_PX),
        min_neighbor_number=2,
    )
    largest = max((face["width"] * face["height"] for face in found), default=0)
    return {"face_count": float(len(found)), "face_share": largest / SIZE_PX**2}
