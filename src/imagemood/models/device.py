"""Where a network runs: on the CPU, or on a CUDA device that ONNX Runtime can really use."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import onnxruntime as ort

from imagemood.errors import InputError, first_line

AUTO, CPU = "auto", "cpu"
_CPU_PROVIDER, _CUDA_PROVIDER = "CPUExecutionProvider", "CUDAExecutionProvider"
_CUDA_OPTIONS = {
    "use_tf32": 0,  # factors of 10 bits would move the answers by more than 1e-3
    "cudnn_conv_algo_search": "HEURISTIC",  # the default would measure all algorithms for each new batch size
}
_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE
_WARNING, _FATAL = 2, 4  # ONNX Runtime's levels: its default, and all but silence
_INSTALL = "pip install 'onnxruntime-gpu[cuda,cudnn]'"


def start(content: bytes, options: ort.SessionOptions, device: str = CPU) -> tuple[ort.InferenceSession, str]:
    """Start a session of ONNX Runtime on a device.

    Parameters
    ----------
    content : bytes
        An ONNX network.
    options : onnxruntime.SessionOptions
        Of the session.
    device : str
        ``cpu``; ``cuda`` or ``cuda:N``, where N counts the devices that CUDA shows this process; or ``auto``: the
        first CUDA device where there is one that works, and else the CPU.

    Returns
    -------
    session : onnxruntime.InferenceSession
        Ready to run.
    device : str
        Where it runs: ``cpu`` or ``cuda:N``.

    Raises
    ------
    InputError
        If there is no such device, or it was asked for and cannot be used.
    Exception
        Of ONNX Runtime's many kinds, if the content is no network that can run here.

    Examples
    --------
    >>> from imagemood import builtin
    >>> start(builtin.path("network.onnx").read_bytes(), ort.SessionOptions())[1]
    'cpu'
    """
    number, problem = _number(device), None
    if number is not None:
        try:
            return _on_cuda(content, options, number), f"cuda:{number}"
        except InputError as error:
            problem = error
    session = ort.InferenceSession(content, options, providers=[_CPU_PROVIDER])  # what is no network fails here
    if problem is not None and device != AUTO:
        raise problem
    return session, CPU


def _number(device: str) -> int | None:
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d{1,4}))?", device)
    if match is None:
        raise InputError(f"there is no device '{device}'", hint="auto, cpu, cuda, or cuda:N with N from 0")
    return None if device == CPU else int(match[1] or 0)


def _on_cuda(content: bytes, options: ort.SessionOptions, number: int) -> ort.InferenceSession:
    where = f"device cuda:{number}"
    if _CUDA_PROVIDER not in ort.get_available_providers():
        raise InputError(
            f"the ONNX Runtime that is installed ({ort.__version__}) is for the CPU alone",
            where=where,
            hint=f"pip uninstall onnxruntime onnxruntime-gpu, then {_INSTALL}",
        )
    check_number(number, _n_devices(where))
    providers = [(_CUDA_PROVIDER, {"device_id": number, **_CUDA_OPTIONS}), _CPU_PROVIDER]
    try:
        with _quietly():
            if hasattr(ort, "preload_dlls"):  # from 1.21: CUDA of NVIDIA's Python packages
                ort.preload_dlls()
            session = ort.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:  # ONNX Runtime raises a dozen unrelated classes
        raise InputError(
            f"cannot be used: {_reason(error)}", where=where, hint="use another, or the device cpu"
        ) from error
    if _CUDA_PROVIDER not in session.get_providers():  # it goes on without CUDA, and says so in its log alone
        raise InputError(f"ONNX Runtime cannot load CUDA: {_why_not_loaded()}", where=where, hint=_INSTALL)
    return session


def _reason(error: Exception) -> str:
    failure = re.search(r"CU\w+ failure \d+: [^;\n]*", str(error))  # between source files and signatures
    return failure[0].strip() if failure else first_line(error)


def _n_devices(where: str) -> int:
    """Ask the driver, which heeds CUDA_VISIBLE_DEVICES: ONNX Runtime neither counts nor fails quietly."""
    n = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError as error:
        raise InputError(
            f"there is no NVIDIA driver: {error}", where=where, hint="install it, or use the device cpu"
        ) from error
    code = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(n))
    if code not in (0, _NO_DEVICE):
        raise InputError(
            f"the NVIDIA driver fails with CUDA error {code}", where=where, hint="see what nvidia-smi says"
        )
    return n.value


def check_number(number: int, n_devices: int) -> None:
    """Refuse a device that is not there.

    Parameters
    ----------
    number : int
        Number of the CUDA device, from 0.
    n_devices : int
        How many CUDA devices this process may use.

    Raises
    ------
    InputError
        If there are not so many.

    Examples
    --------
    >>> check_number(1, 2)
    """
    if number < n_devices:
        return
    there = {0: "no CUDA device is", 1: "only cuda:0 is"}.get(
        n_devices, f"only cuda:0 to cuda:{n_devices - 1} are"
    )
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    hint = "see nvidia-smi; containers need docker run --gpus all" if n_devices == 0 else "give one of these"
    if shown is not None:
        hint = f"CUDA_VISIBLE_DEVICES is '{shown}'"
    raise InputError(f"{there} here", where=f"device cuda:{number}", hint=hint)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep what ONNX Runtime prints and logs of missing libraries from the user: what matters is raised."""
    ort.set_default_logger_severity(_FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            yield
    finally:
        ort.set_default_logger_severity(_WARNING)


def _why_not_loaded() -> str:
    name = "onnxruntime_providers_cuda.dll" if sys.platform == "win32" else "libonnxruntime_providers_cuda.so"
    try:
        ctypes.CDLL(str(Path(ort.__file__).parent / "capi" / name))
    except OSError as error:
        return str(error)
    return "CUDA or cuDNN is missing, or of another version"
