"""Run a network: the only room that knows ONNX Runtime."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from imagemood.errors import InputError, ModelError, first_line
from imagemood.models import device as devices

_QUIET = 4  # ONNX Runtime's level "fatal": what goes wrong is raised as ours


def cpu_count() -> int:
    """Count the processor cores this process may use.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> cpu_count() >= 1
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
    device : str
        Where to run it: ``cpu``, ``cuda``, ``cuda:N`` or ``auto``, as `imagemood.models.device.start` takes it.

    Attributes
    ----------
    name : str
        What the network is called in error messages.
    n_threads : int
        Threads that one run may use.
    device : str
        Where it runs: ``cpu`` or ``cuda:N``.
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
    InputError
        If there is no such device, or it was asked for and cannot be used.

    Examples
    --------
    >>> from imagemood import builtin
    >>> network = Network(builtin.path("network.onnx"))
    >>> network.inputs["image"][1:]
    (224, 224, 3)
    """

    def __init__(
        self,
        source: str | Path | bytes,
        *,
        n_threads: int | None = None,
        name: str | None = None,
        device: str = devices.CPU,
    ) -> None:
        self._source = source
        self.n_threads = n_threads or cpu_count()
        self._wanted_device = device
        self.name = name or ("network" if isinstance(source, bytes) else str(source))
        self._open(device)

    def _open(self, device: str) -> None:
        options = ort.SessionOptions()
        options.log_severity_level = _QUIET
        options.intra_op_num_threads = self.n_threads
        options.inter_op_num_threads = 1
        try:
            content = self._source if isinstance(self._source, bytes) else Path(self._source).read_bytes()
            self._session, self.device = devices.start(content, options, device)
        except OSError as error:
            raise ModelError(f"cannot be read: {error.strerror}", where=self.name) from error
        except InputError:
            raise
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            raise ModelError(
                f"is not an ONNX network that can run here: {first_line(error)}", where=self.name
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
            A new one; on a GPU the same one, which may run in any number of threads at once.
        """
        return self if self.on_gpu else Network(self._source, n_threads=n_threads, name=self.name)

    @property
    def on_gpu(self) -> bool:
        """Whether it runs on a GPU."""
        return self.device != devices.CPU

    def try_out(self, **arrays: NDArray[Any]) -> None:
        """Run once on a GPU that was found to be there, and go over to the CPU if the network fails on it.

        Parameters
        ----------
        **arrays : ndarray
            Inputs as `run` takes them.

        Raises
        ------
        ModelError
            If it fails on a GPU that was asked for.
        """
        if not self.on_gpu:
            return
        try:
            self.run(**arrays)
        except ModelError:
            if self._wanted_device != devices.AUTO:
                raise
            self._open(devices.CPU)

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
            hint = f"on {self.device}; the device cpu may do" if self.on_gpu else None
            raise ModelError(f"cannot run: {first_line(error)}", where=self.name, hint=hint) from error
        return dict(zip(self.outputs, answers, strict=True))
