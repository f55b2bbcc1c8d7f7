"""Calibrates the mood head, and writes it as the network of a mood classifier."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy import special

_FACTORS = np.arange(0.5, 2.01, 0.01)
_N_PARTS, _MIN_PHOTOS = 5, 25
_OPSET, _IR_VERSION = 18, 9


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return probabilities that sum to 1 in each row.

    Examples
    --------
    >>> softmax(np.log([[1.0, 3.0]])).round(6).tolist()
    [[0.25, 0.75]]
    """
    shares: NDArray[np.float64] = special.softmax(np.asarray(logits, dtype=np.float64), axis=1)
    return shares


def best_factor(logits: NDArray[np.floating], truth: NDArray[np.intp]) -> float:
    """Return the factor of the logits, from 0.5 to 2, that maximises the likelihood of the true moods.

    This calibrates the probabilities: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(logits * factor)[rows, truth]).mean() for factor in _FACTORS]
    return round(float(_FACTORS[np.argmin(losses)]), 2)


def calibrate(logits: NDArray[np.floating], truth: NDArray[np.intp]) -> tuple[float, NDArray[np.float64]]:
    """Choose the factor of the logits, and return it with probabilities for an evaluation.

    These are cross-fitted: the factor for each fifth of the photos is chosen on the others, so that their log loss
    and calibration error are not too low. With few photos, the factor is 1.
    """
    if len(truth) < _MIN_PHOTOS:
        return 1.0, softmax(logits)
    parts = np.random.default_rng(0).permutation(len(truth)) % _N_PARTS
    factors = np.array([best_factor(logits[parts != i], truth[parts != i]) for i in range(_N_PARTS)])
    return best_factor(logits, truth), softmax(logits * factors[parts, np.newaxis])


def mood_head(weight: NDArray[np.float32], bias: NDArray[np.float32], factor: float) -> bytes:
    """Return the mood head as ONNX, from the embedding to probabilities.

    Parameters
    ----------
    weight : ndarray of shape (n_moods, n_embedding), float32
        The weights.
    bias : ndarray of shape (n_moods,), float32
        The biases.
    factor : float
        The factor of the logits.
    """
    parameters = {"weight": weight.T * factor, "bias": bias * factor}
    nodes = [
        helper.make_node("Gemm", ["embedding", "weight", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "moods",
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [None, weight.shape[1]])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, weight.shape[0]])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in parameters.items()],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    onnx.checker.check_model(network)
    content: bytes = network.SerializeToString()
    return content
