"""ONNX networks, run by ONNX Runtime."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from imagemood._tracebacks import without_traceback
from imagemood.errors import InputError, ModelError, OutOfMemoryError, first_line
from imagemood.models.cuda_session import CPU_PROVIDER, SILENT, start_cuda_session
from imagemood.models.device import AUTO, CPU, cpu_count, cuda_index
from imagemood.models.external_data import check_no_external_data
from imagemood.models.memory_limit import limit_memory
from imagemood.models.model_files import MAX_NETWORK_BYTES, read_file
from imagemood.models.run_limit import limited
from imagemood.models.trial import Trial
from imagemood.models.trial_process import ALLOCATION_FAILURE

# ONNX Runtime reports its use unless an environment variable forbids it, which `import imagemood` sets. If another
# package loaded ONNX Runtime earlier, and in builds for Windows that ignore the variable, this ends the reports.
ort.disable_telemetry_events()

ONNXRUNTIME_VERSION: str = ort.__version__
_T = TypeVar("_T")
_MAX_LOAD_S, _MAX_RUN_S = 600, 60


class Network:
    """An ONNX network that is ready to run.

    Parameters
    ----------
    source : str, Path, bytes or callable
        The ONNX file, its content, or a function that returns its content.
    n_threads : int, optional
        Number of threads that one run may use. Defaults to the number of CPU cores.
    name : str, optional
        Name of the network in error messages. Defaults to the path.
    device : str
        ``cpu``; ``cuda`` or ``cuda:N``, where CUDA numbers the devices that this process may use; or ``auto``: the
        first CUDA device if it works, and the CPU otherwise. The attribute is ``cpu`` or ``cuda:N``.
    trial : Trial, optional
        How a network of unknown origin is tried before it is loaded; its memory on the CPU is limited, too.

    Attributes
    ----------
    inputs, outputs : dict of str to tuple
        Shape of each input and output; a dimension of variable size is a string or None.
    input_types, output_types : dict of str to str
        Element type of each tensor, as ONNX names it: ``float``, ``uint8``, …; or the type of anything else.
    switches : frozenset of str
        Names of further inputs: optional Boolean scalars that have a default.
    size_bytes : int
        Size of the ONNX file.

    Raises
    ------
    ModelError
        If the file is missing or is not an ONNX network that ONNX Runtime can run.
    InputError
        If the device is unknown or not usable.

    Examples
    --------
    >>> from imagemood import builtin
    >>> network = Network(builtin.path("network.onnx"))
    >>> network.inputs["image"][1:]
    (224, 224, 3)
    """

    def __init__(
        self,
        source: str | Path | bytes | Callable[[], bytes],
        *,
        n_threads: int | None = None,
        name: str | None = None,
        device: str = CPU,
        trial: Trial | None = None,
    ) -> None:
        self._source = source
        self._trial = trial
        self._requested_device = device
        self._requested_threads = n_threads
        self.n_threads = n_threads or cpu_count()
        self.name = name or (str(source) if isinstance(source, str | Path) else "network")
        self._open(device)

    def _open(self, device: str) -> None:
        content, options = self._read(), ort.SessionOptions()
        self._process_id = os.getpid()
        options.log_severity_level = SILENT  # failures are raised as exceptions
        options.intra_op_num_threads, options.inter_op_num_threads = self.n_threads, 1
        if self._trial is not None:
            check_no_external_data(content, self.name)
            self._trial.check(content, self.name)
        try:
            self._session, self.device = self._limited(
                lambda: _start_session(content, options, device, self._trial),
                terminate=lambda: _cancel_loading(options),
                limit_s=_MAX_LOAD_S,
            )
        except InputError:
            raise
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            what = f"not an ONNX network that ONNX Runtime can run: {_reason(error)}"
            raise ModelError(what, where=self.name) from error
        self.size_bytes = len(content)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self.inputs = {node.name: tuple(node.shape) for node in inputs}
        self.outputs = {node.name: tuple(node.shape) for node in outputs}
        self.input_types, self.output_types = _types(inputs), _types(outputs)
        optional = self._session.get_overridable_initializers()
        self.switches = frozenset(node.name for node in optional if node.type == "tensor(bool)" and not node.shape)

    def _limited(self, function: Callable[[], _T], terminate: Callable[[], object], limit_s: float) -> _T:
        """Call ONNX Runtime; limit the time for a network of unknown origin."""
        return function() if self._trial is None else limited(function, terminate=terminate, limit_s=limit_s)

    def _read(self) -> bytes:
        source = self._source
        if isinstance(source, str | Path):
            return read_file(Path(source), max_bytes=MAX_NETWORK_BYTES)
        return source if isinstance(source, bytes) else source()

    def __reduce__(self) -> tuple[Callable[[], Network], tuple[()]]:
        # The content, because another process may not have the file; it contains no code.
        restore = partial(
            Network,
            self._read(),
            n_threads=self._requested_threads,
            name=self.name,
            device=self._requested_device,
            trial=self._trial,
        )
        return restore, ()

    def sha256(self) -> str:
        """Read the ONNX file again and return its SHA-256, in hexadecimal."""
        return hashlib.sha256(self._read()).hexdigest()

    def with_threads(self, n_threads: int) -> Network:
        """Return the network with another number of threads; on a GPU, this is the network itself."""
        if self.on_gpu:
            return self
        return Network(self._source, n_threads=n_threads, name=self.name, trial=self._trial)

    @property
    def on_gpu(self) -> bool:
        """Whether the network runs on a GPU."""
        return self.device != CPU

    @property
    def providers(self) -> list[str]:
        """Execution providers of ONNX Runtime in use, in order of preference."""
        return list(self._session.get_providers())

    def ensure_device_works(self, **arrays: NDArray[Any]) -> None:
        """Run once if on a GPU; if that fails, use the CPU if the device is ``auto``, and raise otherwise."""
        if not self.on_gpu:
            return
        try:
            self.run(**arrays)
        except ModelError:
            if self._requested_device != AUTO:
                raise
            self._open(CPU)

    def run(self, *outputs: str, **arrays: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
        """Run the network once and return the given outputs, or all outputs, by name.

        Except for scalars, the first axis is the pictures. `ModelError` is raised if an input is missing or has
        the wrong shape or type, or if the run takes too long.
        """
        if self._process_id != os.getpid():  # a fork has none of the threads of the session
            self._inherited = self._session  # deleting it would wait for its threads
            self._open(self._requested_device)
        names = list(outputs or self.outputs)
        options = ort.RunOptions()
        options.log_severity_level = SILENT
        try:
            results = self._limited(
                lambda: self._session.run(names, arrays, options),
                terminate=lambda: setattr(options, "terminate", True),
                limit_s=_MAX_RUN_S,
            )
        except TimeoutError as error:
            raise ModelError(f"a run takes more than {_MAX_RUN_S} s", where=self.name) from error
        except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
            hint = f"the device was {self.device}; try cpu" if self.on_gpu else None
            if ALLOCATION_FAILURE.search(str(error)):
                what = "not enough memory to run the network"
                raise OutOfMemoryError(what, where=self.name, hint=hint) from error
            raise ModelError(f"cannot run: {_reason(error)}", where=self.name, hint=hint) from error
        return dict(zip(names, results, strict=True))


def _reason(error: Exception) -> str:
    reason = "loading takes too long" if isinstance(error, TimeoutError) else first_line(error)
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", reason)


def _types(nodes: list[Any]) -> dict[str, str]:
    return {node.name: re.sub(r"^tensor\((\w+)\)$", r"\1", node.type) for node in nodes}


def _cancel_loading(options: Any) -> None:
    if hasattr(options, "set_load_cancellation_flag"):  # since ONNX Runtime 1.21
        options.set_load_cancellation_flag(True)


def _start_session(content: bytes, options: Any, device: str, trial: Trial | None) -> tuple[Any, str]:
    index, problem = cuda_index(device), None
    if index is not None:
        try:
            return start_cuda_session(content, options, index), f"cuda:{index}"
        except InputError as error:
            problem = without_traceback(error)  # which would keep the content of the network
    if trial is not None:
        limit_memory(options)
    # An invalid network must be reported as such, whatever is wrong with the device.
    session = ort.InferenceSession(content, options, providers=[CPU_PROVIDER], enable_fallback=0)
    if problem is not None and device != AUTO:
        raise problem
    return session, CPU
