"""Chooses the device and the precision of the training."""

from __future__ import annotations

import torch

from imagemood.errors import InputError
from imagemood.models.device import AUTO, check_cuda_index, cpu_count, cuda_index


def choose_device(name: str) -> torch.device:
    """Return the device of a name such as ``auto``, ``cpu`` or ``cuda:1``; on the CPU, set the number of threads.

    Raises
    ------
    InputError
        If the device is unknown or not available.
    """
    index = cuda_index(name)
    if index is not None and (name != AUTO or torch.cuda.is_available()):
        if torch.version.cuda is None:
            raise InputError(
                f"the installed PyTorch ({torch.__version__}) supports only the CPU",
                where=f"device cuda:{index}",
                hint="install PyTorch for CUDA, or use the device cpu",
            )
        check_cuda_index(index, torch.cuda.device_count())
        return torch.device("cuda", index)
    torch.set_num_threads(cpu_count())
    return torch.device("cpu")


def choose_dtype(device: torch.device) -> torch.dtype:
    """Return bfloat16 if the device computes faster with it, otherwise float32."""
    if device.type == "cuda":
        is_fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()  # since PyTorch 2.10
        is_fast = bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return torch.bfloat16 if is_fast else torch.float32
