"""Weights nearest neighbours by distance, in scikit-learn and in ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.learning.onnx_nodes import NodeWriter

with _extras.needs("train"):
    from onnx import TensorProto


def dudani_weights(distances: NDArray[np.floating]) -> NDArray[np.floating]:
    r"""Weight neighbours linearly by distance, from 1 for the nearest to 0 for the farthest [1]_.

    :math:`w_j = (d_k - d_j) / (d_k - d_1)`, or 1 if all distances are equal. Because the farthest neighbour has no
    weight, the prediction is a continuous function of the features, unlike that of neighbours with equal weights.

    Parameters
    ----------
    distances : ndarray of shape (n_images, n_neighbors)
        Distances in ascending order.

    Returns
    -------
    ndarray of shape (n_images, n_neighbors), in [0, 1]
        Weights, for the parameter ``weights`` of scikit-learn's ``KNeighborsClassifier``.

    References
    ----------
    .. [1] Dudani, S. A. (1976). The distance-weighted k-nearest-neighbor rule. IEEE Transactions on Systems, Man
       and Cybernetics 6(4), 325-327.

    Examples
    --------
    >>> dudani_weights(np.array([[1.0, 2.0, 3.0], [2.0, 2.0, 2.0]]))
    array([[1. , 0.5, 0. ],
           [1. , 1. , 1. ]])
    """
    nearest, farthest = distances[:, :1], distances[:, -1:]
    span = farthest - nearest
    return np.where(span > 0, (farthest - distances) / np.where(span > 0, span, 1), 1.0)


def convert_neighbours(scope: Any, operator: Any, container: Any) -> None:
    """Convert a `KNeighborsClassifier` with `dudani_weights`, for skl2onnx.

    Distances are computed in double precision because their differences are small compared to the distances.
    """
    estimator = operator.raw_operator
    train_x = estimator._fit_X.astype(np.float64)
    votes = np.eye(len(estimator.classes_))[estimator._y]
    write = NodeWriter(scope, container)
    x = write("Cast", operator.inputs[0].full_name, to=TensorProto.DOUBLE)
    squares = write("ReduceSum", write("Mul", x, x), write.constant([1]), keepdims=1)
    products = write("MatMul", x, write.constant(-2 * train_x.T))
    sums = write("Add", squares, write.constant((train_x**2).sum(axis=1)[np.newaxis]))
    distances = write("Sqrt", write("Max", write("Add", sums, products), write.constant(0.0)))
    k = estimator.n_neighbors
    ordered, indices = write.pair("TopK", distances, write.constant([k]), axis=1, largest=0, sorted=1)
    nearest = write("Gather", ordered, write.constant([0]), axis=1)
    farthest = write("Gather", ordered, write.constant([k - 1]), axis=1)
    span = write("Sub", farthest, nearest)
    differ = write("Greater", span, write.constant(0.0))
    one = write.constant(1.0)
    linear = write("Div", write("Sub", farthest, ordered), write("Where", differ, span, one))
    weights = write("Unsqueeze", write("Where", differ, linear, one), write.constant([2]))
    weighted = write("Mul", weights, write("Gather", write.constant(votes), indices, axis=0))
    totals = write("ReduceSum", weighted, write.constant([1]), keepdims=0)
    total = write("ReduceSum", totals, write.constant([1]), keepdims=1)
    write("Cast", write("Div", totals, total), to=TensorProto.FLOAT, output=operator.outputs[1].full_name)
    write.label(operator)
