"""Training on votes: each picture counts for several moods, in proportion to its votes for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.tables.memory import check_memory


def vote_matrix(labelled: Sequence[LabelledPicture]) -> tuple[tuple[str, ...], NDArray[np.float32] | None]:
    """Return the moods, in ascending order, and the shares of the votes of each picture.

    Without votes, the result is an empty tuple and None. Moods that have the most votes for no picture are left
    out, because a classifier cannot be evaluated on them. A picture without votes has a share of 1 for its mood.

    Examples
    --------
    >>> from imagemood.pictures.picture import Picture
    >>> pictures = [Picture.from_address(name) for name in ("a.jpg", "b.jpg")]
    >>> votes = [{"sadness": 3, "awe": 1, "anger": 0}, {"sadness": 1, "awe": 2, "anger": 1}]
    >>> moods, shares = vote_matrix([LabelledPicture.of_votes(*pair) for pair in zip(pictures, votes)])
    >>> moods, shares.astype(float).round(2).tolist()
    (('awe', 'sadness'), [[0.25, 0.75], [0.67, 0.33]])
    """
    if all(one.votes is None for one in labelled):
        return (), None
    moods = tuple(sorted({one.mood for one in labelled}))
    rows = [[(one.votes or {one.mood: 1.0}).get(mood, 0.0) for mood in moods] for one in labelled]
    shares = np.array(rows, dtype=np.float64)
    return moods, (shares / shares.sum(axis=1, keepdims=True)).astype(np.float32)


def expand(
    features: NDArray[np.float32], votes: NDArray[np.float32], moods: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.float64]]:
    """Repeat each row of features for each mood with votes; return the rows, their moods and their weights.

    The weights of each original row are its votes, divided by their sum.

    Examples
    --------
    >>> features = np.array([[1.0], [2.0]], dtype=np.float32)
    >>> rows, labels, weights = expand(features, np.array([[0.5, 0.5], [0, 1]], dtype=np.float32), ("awe", "fear"))
    >>> rows.ravel().tolist(), labels.tolist(), weights.tolist()
    ([1.0, 1.0, 2.0], ['awe', 'fear', 'fear'], [0.5, 0.5, 1.0])
    """
    images, columns = np.nonzero(votes)
    check_memory(len(images), features.shape[1])
    shares = votes / votes.sum(axis=1, keepdims=True, dtype=np.float64)
    return features[images], np.array(moods)[columns], shares[images, columns]
