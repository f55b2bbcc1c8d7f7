from __future__ import annotations

import pytest
import torch

from imagemood.errors import InputError
from imagemood.finetuning.device import choose_device, choose_dtype


@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_without_a_gpu_the_cpu_is_used_with_its_threads(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("imagemood.finetuning.device.cpu_count", lambda: 3)
    assert choose_device(name) == torch.device("cpu")
    assert torch.get_num_threads() == 3


def test_a_gpu_without_support_in_pytorch_is_an_error(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(InputError, match=r"device cuda:1: the installed PyTorch .* supports only the CPU"):
        choose_device("cuda:1")


@pytest.mark.parametrize(("n_devices", "message"), [(0, "no CUDA device is available"), (1, "only cuda:0 is")])
def test_a_gpu_that_is_absent_is_an_error(monkeypatch, n_devices, message):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_devices)
    with pytest.raises(InputError, match=message):
        choose_device("cuda:1")


def test_a_gpu_is_chosen_by_its_number(monkeypatch):
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("cuda:1") == torch.device("cuda", 1)
    assert choose_device("auto") == torch.device("cuda", 0)


def test_an_unknown_device_is_an_error():
    with pytest.raises(InputError, match="unknown device 'tpu'"):
        choose_device("tpu")


@pytest.mark.parametrize(
    ("capabilities", "dtype"), [({"avx512_bf16": True}, torch.bfloat16), ({"avx2": True}, torch.float32)]
)
def test_the_cpu_computes_in_half_precision_only_if_it_has_instructions_for_it(monkeypatch, capabilities, dtype):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert choose_dtype(torch.device("cpu")) is dtype
