"""Names of the devices that can run a network, and checks that they are available on this machine."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from imagemood._control_groups import PROC, VERSION_1, control_groups, read_number
from imagemood.errors import InputError

AUTO, CPU = "auto", "cpu"
_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
_CUDA_ERROR_NO_DEVICE = 100
_limits: list[int] = []  # set by limit_cpu_count


def cpu_count() -> int:
    """Return the number of CPU cores that this process may use, at least 1.

    The limits are the affinity of the process and the quotas of its control groups, of which both versions are
    supported. A quota of 2.5 cores counts as 3, as in joblib and in Java. `limit_cpu_count` sets another limit.
    """
    try:
        n_cores = len(os.sched_getaffinity(os.getpid()))  # of the main thread; others may be limited to one core
    except AttributeError:  # macOS and Windows
        n_cores = os.cpu_count() or 1
    return max(1, min([n_cores, *map(math.ceil, _quotas()), *_limits]))


def limit_cpu_count(n_cores: int) -> None:
    """Declare the number of cores that this process should use; call it before any model is loaded."""
    _limits[:] = [n_cores]


def _quotas(proc: Path = PROC) -> Iterator[float]:
    """Yield the CPU quotas of the control groups, as numbers of cores."""
    for group in control_groups("cpu", proc):
        if group.version == VERSION_1:
            quota = read_number(group.folder / "cpu.cfs_quota_us")
            period = read_number(group.folder / "cpu.cfs_period_us")
        else:
            quota, period = _read_cpu_max(group.folder / "cpu.max")
        if quota and period and quota > 0 and period > 0:  # -1 stands for no quota
            yield quota / period


def _read_cpu_max(file: Path) -> tuple[int | None, int | None]:
    """Return the quota and the period in microseconds; the file contains ``max 100000`` if there is no quota."""
    try:
        quota, period = file.read_text().split()
        return int(quota), int(period)
    except (OSError, ValueError):
        return None, None


def cuda_index(device: str) -> int | None:
    """Return the index of the CUDA device to use (for ``auto``, to try first), or None for the CPU.

    Examples
    --------
    >>> cuda_index("cpu"), cuda_index("auto"), cuda_index("cuda"), cuda_index("cuda:1")
    (None, 0, 0, 1)
    """
    match = re.fullmatch(r"auto|cpu|cuda(?::(\d{1,4}))?", str(device))
    if match is None:
        raise InputError(f"unknown device '{device}'", hint="use auto, cpu, cuda, or cuda:N with N from 0")
    return None if device == CPU else int(match[1] or 0)


def check_cuda_device(index: int) -> None:
    """Raise `InputError` unless the NVIDIA driver reports this CUDA device to this process."""
    check_cuda_index(index, _cuda_device_count(f"device cuda:{index}"))


def check_cuda_index(index: int, n_devices: int) -> None:
    """Raise `InputError` unless `index` is less than the number of CUDA devices."""
    if index < n_devices:
        return
    available = {0: "no CUDA device is", 1: "only cuda:0 is"}.get(
        n_devices, f"only cuda:0 to cuda:{n_devices - 1} are"
    )
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        hint = f"CUDA_VISIBLE_DEVICES is '{visible}'"
    elif n_devices == 0:
        hint = "check nvidia-smi; start containers with docker run --gpus all"
    else:
        hint = "choose one of these"
    raise InputError(f"{available} available", where=f"device cuda:{index}", hint=hint)


def cuda_library_error(folder: Path) -> str:
    """Return why the CUDA library in the folder of ONNX Runtime cannot be loaded."""
    import ctypes  # noqa: PLC0415 (not needed on the CPU)

    name = "onnxruntime_providers_cuda.dll" if sys.platform == "win32" else "libonnxruntime_providers_cuda.so"
    try:
        ctypes.CDLL(str(folder / name))
    except OSError as error:
        return str(error)
    return "CUDA or cuDNN is missing or has an unsupported version"


def _cuda_device_count(where: str) -> int:
    """Return the driver's count, which respects CUDA_VISIBLE_DEVICES; ONNX Runtime cannot count devices."""
    import ctypes  # noqa: PLC0415 (only for GPUs)

    count = ctypes.c_int(0)
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError as error:
        raise InputError(
            f"the NVIDIA driver cannot be loaded: {error}",
            where=where,
            hint="install the driver, or use the device cpu",
        ) from error
    code = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    if code not in (0, _CUDA_ERROR_NO_DEVICE):
        raise InputError(f"the NVIDIA driver failed with CUDA error {code}", where=where, hint="check nvidia-smi")
    return count.value
