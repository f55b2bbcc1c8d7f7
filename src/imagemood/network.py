"""Run a network: the only room that knows ONNX Runtime."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from imagemood.errors import ModelError

_QUIET = 4  # ONNX Runtime's level "fatal": what goes wrong is raised as ours


def n_cores() -> int:
    """Count the processor cores this process may use.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> n_cores() >= 1
    True
    """
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return os.cpu_count() or 1


class Network:
    """An ONNX network, ready to run.

    Parameters
    ----------
    source : str, Path or bytes
        The ONNX file, or its content.
    n_threads : int, optional
        Threads that one run may use; all cores by default.
    name : str, optional
        What to call the network in error messages; the path by default.

    Attributes
    ----------
    name : str
        What the network is called in error messages.
    inputs : dict of str to tuple
        Shape of each input; a dimension that may vary is a string or None.
    input_types : dict of str to str
        Element type of each input, as ONNX writes it: ``float``, ``uint8``, …
    outputs : dict of str to tuple
        Shape of each output.
    size_bytes : int
        Size of the file.

    Raises
    ------
    ModelError
        If the file is missing or is no ONNX network that can run here.

    Examples
    --------
    >>> from imagemood import builtin
    >>> network = Network(builtin.path("network.onnx"))
    >>> network.inputs["image"][1:]
    (224, 224, 3)
    """

    def __init__(
        self, source: str | Path | bytes, *, n_threads: int | None = None, name: str | None = None
    ) -> None:
        self._source = source
        self.name = name or ("network" if isinstance(source, bytes) else str(source))
        options = ort.SessionOptions()
        options.log_severity_level = _QUIET
        options.intra_op_num_threads = n_threads or n_cores()
        options.inter_op_num_threads = 1
        try:
            content = source if isinstance(source, bytes) else Path(source).read_bytes()
            self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except OSError as error:
            raise ModelError(f"cannot be read: {error.strerror}", where=self.name) from error
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise ModelError(
                f"is not an ONNX network that can run here: {_first_line(error)}", where=self.name
            ) from error
        self.size_bytes = len(content)
        self.inputs = {node.name: tuple(node.shape) for node in self._session.get_inputs()}
        self.input_types = {
            node.name: node.type.removeprefix("tensor(").removesuffix(")") for node in self._session.get_inputs()
        }
        self.outputs = {node.name: tuple(node.shape) for node in self._session.get_outputs()}

    def with_threads(self, n_threads: int) -> Network:
        """Load the same network to run with another number of threads.

        Parameters
        ----------
        n_threads : int
            Threads that one run may use.

        Returns
        -------
        Network
            A new one.
        """
        return Network(self._source, n_threads=n_threads, name=self.name)

    @property
    def providers(self) -> list[str]:
        """Execution providers in use, in order of preference."""
        return list(self._session.get_providers())

    def run(self, **arrays: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """Run the network once.

        Parameters
        ----------
        **arrays : ndarray
            One array for each input, by name, with the images along the first axis.

        Returns
        -------
        dict of str to ndarray
            One array for each output, by name.

        Raises
        ------
        ModelError
            If an input is missing or does not fit.
        """
        try:
            answers = self._session.run(None, arrays)
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise ModelError(f"cannot run: {_first_line(error)}", where=self.name) from error
        return dict(zip(self.outputs, answers, strict=True))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
