from __future__ import annotations

import resource
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from imagemood import _available_memory

UNLIMITED_V1 = 9_223_372_036_854_771_712


def write_group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def write_proc(tmp_path, memberships, mounts):
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text("".join(f"{line}\n" for line in memberships))
    lines = [
        f"{30 + i} 24 0:{i} {root} {str(point).replace(' ', chr(92) + '040')} rw,nosuid shared:{i} - {kind}"
        for i, (root, point, kind) in enumerate(mounts)
    ]
    (proc / "mountinfo").write_text("".join(f"{line}\n" for line in lines))
    return proc


def left_bytes(proc):
    return sorted(_available_memory._control_group_bytes(proc))


def test_version_2_counts_every_group_up_to_the_mount_point(tmp_path):
    mount = tmp_path / "a cgroup"
    write_group(mount / "user" / "app", memory__max=1000, memory__high="max", memory__current=300)
    write_group(mount / "user", memory__max=2000, memory__high=900, memory__current=400)
    write_group(mount, cgroup__controllers="memory")
    (mount / "user" / "app" / "memory.stat").write_text("anon 100\ninactive_file 150\nactive_file 50\n")
    proc = write_proc(tmp_path, ["0::/user/app"], [("/", mount, "cgroup2 cgroup2 rw,nsdelegate")])
    assert left_bytes(proc) == [900 - 400, 1000 - 300 + 150]


def test_version_2_without_limits_leaves_everything(tmp_path):
    mount = tmp_path / "cgroup"
    write_group(mount / "app", memory__max="max", memory__high="max", memory__current=300)
    proc = write_proc(tmp_path, ["0::/app"], [("/", mount, "cgroup2 cgroup2 rw")])
    assert left_bytes(proc) == []


def test_version_2_in_a_namespace_of_its_own(tmp_path):
    mount = tmp_path / "cgroup"
    write_group(mount, memory__max=1000, memory__current=100)
    proc = write_proc(tmp_path, ["0::/"], [("/", mount, "cgroup2 cgroup2 rw")])
    assert left_bytes(proc) == [900]


def test_version_1_in_a_container_whose_mount_shows_only_its_own_group(tmp_path):
    mount = tmp_path / "memory"
    write_group(mount, memory__limit_in_bytes=5000, memory__usage_in_bytes=1000)
    (mount / "memory.stat").write_text("total_inactive_file 200\n")
    proc = write_proc(
        tmp_path,
        ["5:cpu,cpuacct:/docker/abc", "4:memory:/docker/abc", "0::/"],
        [("/docker/abc", mount, "cgroup cgroup rw,memory"), ("/docker/abc", tmp_path, "cgroup cgroup rw,cpu")],
    )
    assert left_bytes(proc) == [4200]


def test_version_1_of_the_whole_machine_has_a_limit_that_is_never_reached(tmp_path):
    mount = tmp_path / "memory"
    write_group(mount / "app", memory__limit_in_bytes=UNLIMITED_V1, memory__usage_in_bytes=1000)
    proc = write_proc(tmp_path, ["4:memory:/app"], [("/", mount, "cgroup cgroup rw,memory")])
    assert left_bytes(proc) == [UNLIMITED_V1 - 1000]


@pytest.mark.parametrize("path", ["/../../other", "/elsewhere/app"])
def test_a_group_outside_the_mount_counts_as_that_of_the_mount_point(tmp_path, path):
    mount = tmp_path / "cgroup"
    write_group(mount, memory__max=700, memory__current=100)
    root = "/" if ".." in path else "/docker"
    proc = write_proc(tmp_path, [f"0::{path}"], [(root, mount, "cgroup2 cgroup2 rw")])
    assert left_bytes(proc) == [600]


@pytest.mark.parametrize(("name", "content"), [("cgroup", "nonsense"), ("mountinfo", "1 2 3"), ("mountinfo", "")])
def test_files_in_another_format_are_ignored(tmp_path, name, content):
    proc = write_proc(tmp_path, ["0::/app"], [("/", tmp_path, "cgroup2 cgroup2 rw")])
    (proc / name).write_text(content)
    assert left_bytes(proc) == []


def test_other_systems_have_no_control_groups(tmp_path):
    assert left_bytes(tmp_path / "absent") == []


def test_the_available_memory_is_at_most_that_of_the_machine():
    assert 0 < _available_memory.available_bytes() <= psutil.virtual_memory().total


def test_linux_is_read_without_psutil(monkeypatch, tmp_path):
    assert abs(_available_memory._machine_bytes() - psutil.virtual_memory().available) < 1e9
    (tmp_path / "meminfo").write_text("MemTotal:  16 kB\nMemAvailable:  8 kB\n")
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert _available_memory._machine_bytes(tmp_path) == 8192


@pytest.mark.parametrize("content", [None, "", "MemTotal: 16 kB\n", "MemAvailable: much\n"])
def test_psutil_is_used_on_other_systems(monkeypatch, tmp_path, content):
    if content is not None:
        (tmp_path / "meminfo").write_text(content)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10))
    assert _available_memory._machine_bytes(tmp_path) == 10


def test_a_limit_of_the_address_space_counts():
    code = (
        "import resource; from imagemood._available_memory import available_bytes; import psutil; "
        "used = psutil.Process().memory_info().vms; "
        "resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000, resource.RLIM_INFINITY)); "
        "print(available_bytes())"
    )
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert 250_000_000 < int(completed.stdout) <= 300_000_000
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
