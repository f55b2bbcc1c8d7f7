from __future__ import annotations

import numpy as np
import pytest
import torch

from imagemood.finetuning.starting_weights import Start, load_network
from tests.finetuning.mood_folders import write_moods


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """Use one thread, because several test processes share the machine, and waiting threads use it as well."""
    torch.set_num_threads(1)
    monkeypatch.setattr("imagemood.finetuning.device.cpu_count", lambda: 1)


@pytest.fixture
def mood_folder(tmp_path):
    """Return a folder with eight photos of each of three moods, which differ in colour."""
    return write_moods(tmp_path / "photos", ("calm", "joy", "unease"), n_photos=8)


@pytest.fixture
def photos() -> tuple[np.ndarray, np.ndarray]:
    """Return noisy photos of 64 pixels, red ones of mood 0 and blue ones of mood 1."""
    rng = np.random.default_rng(0)
    moods = np.arange(16) % 2
    pixels = rng.integers(0, 120, (16, 64, 64, 3))
    pixels[np.arange(16), ..., moods * 2] += 120
    return pixels.astype(np.uint8), moods


@pytest.fixture(scope="session")
def network():
    """Return the built-in network with a random head for three moods; tests do not change it."""
    network = load_network(3, Start.moods).eval()
    torch.manual_seed(0)
    torch.nn.init.normal_(network.moods.weight, std=0.1)
    torch.nn.init.normal_(network.moods.bias)
    return network
