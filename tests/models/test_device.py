from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.models import device
from imagemood.models.device import check_cuda_device, check_cuda_index, cpu_count, cuda_index


@pytest.mark.parametrize(
    ("name", "index"),
    [("cpu", None), ("auto", 0), ("cuda", 0), ("cuda:0", 0), ("cuda:7", 7), ("cuda:9999", 9999)],
)
def test_cuda_index(name, index):
    assert cuda_index(name) == index


@pytest.mark.parametrize(
    "name", ["gpu", "0", "CUDA", "cuda:", "cuda:-1", "cuda:0 ", "cuda:x", "", "cuda:12345", "cpu\n", None, 0]
)
def test_unknown_device(name):
    with pytest.raises(InputError, match=r"^unknown device '.*' \(use auto, cpu, cuda, or cuda:N .+\)$"):
        cuda_index(name)


@given(st.text(max_size=8))
def test_any_text_is_a_device_or_an_input_error(name):
    try:
        index = cuda_index(name)
    except InputError:
        return
    assert index is None or index >= 0


@pytest.mark.parametrize(("index", "n_devices"), [(0, 1), (0, 8), (7, 8)])
def test_index_of_an_available_device(index, n_devices):
    check_cuda_index(index, n_devices)


@pytest.mark.parametrize(
    ("index", "n_devices", "visible", "message"),
    [
        (0, 0, None, r"device cuda:0: no CUDA device is available \(check nvidia-smi; .+ docker run --gpus all\)"),
        (0, 0, "", r"device cuda:0: no CUDA device is available \(CUDA_VISIBLE_DEVICES is ''\)"),
        (1, 1, None, r"device cuda:1: only cuda:0 is available \(choose one of these\)"),
        (1, 1, "7", r"device cuda:1: only cuda:0 is available \(CUDA_VISIBLE_DEVICES is '7'\)"),
        (2, 2, None, r"device cuda:2: only cuda:0 to cuda:1 are available \(choose one of these\)"),
    ],
)
def test_index_of_an_unavailable_device(monkeypatch, index, n_devices, visible, message):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with pytest.raises(InputError, match=f"^{message}$"):
        check_cuda_index(index, n_devices)


def test_missing_driver(monkeypatch):
    monkeypatch.setattr("imagemood.models.device._DRIVER", "libabsent.so.1")
    with pytest.raises(InputError, match=r"^device cuda:0: the NVIDIA driver cannot be loaded: libabsent"):
        check_cuda_device(0)


def test_cpu_count_respects_the_affinity_of_the_process():
    assert 1 <= cpu_count() <= os.cpu_count()
    code = (
        "import os; from imagemood.models.device import cpu_count\n"
        "if hasattr(os, 'sched_setaffinity'):\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "    assert cpu_count() == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_cpu_count_where_the_affinity_is_unknown(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cpu_count() == 1


def write_groups(folder, kind, files):
    """Write control groups, and the files of the proc file system for a process in the group ``a/b``."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{content}\n")
    (folder / "cgroup").write_text("3:cpu,cpuacct:/a/b\n0::/a/b\n")
    (folder / "mountinfo").write_text(f"30 24 0:30 / {folder} rw shared:1 - {kind}\n")
    return folder


def test_quotas_of_version_2(tmp_path):
    files = {"a/b/cpu.max": "250000 100000", "a/cpu.max": "50000 100000", "cpu.stat": "usage_usec 1"}
    proc = write_groups(tmp_path, "cgroup2 cgroup2 rw", files)
    assert list(device._quotas(proc)) == [2.5, 0.5]
    (tmp_path / "a/b/cpu.max").write_text("max 100000\n")
    (tmp_path / "a/cpu.max").write_text("max\n")
    assert list(device._quotas(proc)) == []


def test_quotas_of_version_1(tmp_path):
    files = {
        "a/b/cpu.cfs_quota_us": "-1",
        "a/b/cpu.cfs_period_us": "100000",
        "a/cpu.cfs_quota_us": "150000",
        "a/cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "1000",
    }
    assert list(device._quotas(write_groups(tmp_path, "cgroup cgroup rw,cpuacct,cpu", files))) == [1.5]


@pytest.mark.parametrize("content", ["", "max", "0 100000", "-1 100000", "5 0", "1 2 3", "a b", "50000"])
def test_files_without_a_quota(tmp_path, content):
    assert list(device._quotas(write_groups(tmp_path, "cgroup2 cgroup2 rw", {"cpu.max": content}))) == []


@pytest.mark.parametrize(
    ("quotas", "n_cores"), [([], 8), ([0.5], 1), ([0.01], 1), ([2.5], 3), ([3.0, 2.0], 2), ([16.0], 8)]
)
def test_cpu_count_respects_the_smallest_quota(monkeypatch, quotas, n_cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(device, "_quotas", lambda: quotas)
    assert cpu_count() == n_cores


def test_onnxruntime_is_not_imported():
    code = "import sys, imagemood.models.device; assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
