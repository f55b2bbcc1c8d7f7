"""Starts networks on a CUDA device."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import onnxruntime as ort

from imagemood.errors import InputError, first_line
from imagemood.models.device import check_cuda_device, cuda_library_error

CPU_PROVIDER, CUDA_PROVIDER = "CPUExecutionProvider", "CUDAExecutionProvider"
SILENT = 4
"""The log level of ONNX Runtime at which only crashes are logged."""
_CUDA_OPTIONS = {
    "use_tf32": 0,  # TensorFloat-32 rounds factors to 10 bits, which changes results by more than 1e-3
    "cudnn_conv_algo_search": "HEURISTIC",  # the default would measure all algorithms for each new batch size
}
_DEFAULT_LOG_LEVEL = 2
_INSTALL = "pip install 'onnxruntime-gpu[cuda,cudnn]'"


def start_cuda_session(content: bytes, options: ort.SessionOptions, index: int) -> ort.InferenceSession:
    """Load a network on a CUDA device; raise `InputError` if the device cannot be used."""
    where = f"device cuda:{index}"
    if CUDA_PROVIDER not in ort.get_available_providers():
        raise InputError(
            f"the installed ONNX Runtime ({ort.__version__}) supports only the CPU",
            where=where,
            hint=f"pip uninstall onnxruntime onnxruntime-gpu, then {_INSTALL}",
        )
    check_cuda_device(index)
    providers = [(CUDA_PROVIDER, {"device_id": index, **_CUDA_OPTIONS}), CPU_PROVIDER]
    try:
        with _silenced():
            if hasattr(ort, "preload_dlls"):  # since 1.21: loads CUDA from NVIDIA's Python packages
                ort.preload_dlls()
            session = ort.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
        raise InputError(
            f"cannot be used: {_cuda_failure(error)}", where=where, hint="use another device, such as cpu"
        ) from error
    if CUDA_PROVIDER not in session.get_providers():  # ONNX Runtime only logs why it continues without CUDA
        raise InputError(
            f"ONNX Runtime cannot load CUDA: {cuda_library_error(Path(ort.__file__).parent / 'capi')}",
            where=where,
            hint=_INSTALL,
        )
    return session


def _cuda_failure(error: Exception) -> str:
    # ONNX Runtime's message contains source files and function signatures in addition to the failure.
    failure = re.search(r"CU\w+ failure \d+: [^;\n]*", str(error))
    return failure[0].strip() if failure else first_line(error)


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Suppress ONNX Runtime's output, warnings and log lines about missing libraries, since failures are raised.

    Standard output and the log level are process-wide, so they are restored once the session has started.
    """
    ort.set_default_logger_severity(SILENT)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            yield
    finally:
        ort.set_default_logger_severity(_DEFAULT_LOG_LEVEL)
