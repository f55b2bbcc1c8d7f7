from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imagemood._control_groups import ControlGroup, control_groups, read_number


def write_proc(folder, memberships, mounts):
    """Write the files of the proc file system that describe a process."""
    proc = folder / "proc"
    proc.mkdir(exist_ok=True)
    (proc / "cgroup").write_text("\n".join(memberships) + "\n")
    escaped = [(root, str(point).replace(" ", r"\040"), kind) for root, point, kind in mounts]
    lines = [
        f"{i} 24 0:{i} {root} {point} rw,nosuid shared:{i} - {kind}"
        for i, (root, point, kind) in enumerate(escaped)
    ]
    (proc / "mountinfo").write_text("\n".join(lines) + "\n")
    return proc


def test_version_2_has_the_same_groups_for_all_controllers(tmp_path):
    mount = tmp_path / "a mount"
    proc = write_proc(tmp_path, ["0::/user/app"], [("/", mount, "cgroup2 cgroup2 rw")])
    expected = [ControlGroup("cgroup2", folder) for folder in (mount / "user" / "app", mount / "user", mount)]
    assert list(control_groups("cpu", proc)) == list(control_groups("memory", proc)) == expected


def test_version_1_has_groups_for_each_controller(tmp_path):
    proc = write_proc(
        tmp_path,
        ["3:cpuset:/x", "2:cpu,cpuacct:/app", "1:memory:/other", "0::/"],
        [
            ("/", tmp_path / "cpuset", "cgroup cgroup rw,cpuset"),
            ("/", tmp_path / "cpu", "cgroup cgroup rw,cpu,cpuacct"),
            ("/", tmp_path / "memory", "cgroup cgroup rw,memory"),
            ("/", tmp_path / "data", "ext4 /dev/sda1 rw"),
        ],
    )
    assert [str(group.folder.relative_to(tmp_path)) for group in control_groups("cpu", proc)] == ["cpu/app", "cpu"]
    assert [group.version for group in control_groups("memory", proc)] == ["cgroup", "cgroup"]
    assert list(control_groups("pids", proc)) == []


def test_both_versions_at_the_same_time(tmp_path):
    mounts = [("/", tmp_path / "cpu", "cgroup cgroup rw,cpu"), ("/", tmp_path / "unified", "cgroup2 cgroup2 rw")]
    proc = write_proc(tmp_path, ["1:cpu:/", "0::/"], mounts)
    assert [group.version for group in control_groups("cpu", proc)] == ["cgroup", "cgroup2"]


def test_a_container_sees_its_own_group_at_the_mount_point(tmp_path):
    proc = write_proc(tmp_path, ["1:cpu:/docker/abc/x"], [("/docker/abc", tmp_path, "cgroup cgroup rw,cpu")])
    assert [group.folder for group in control_groups("cpu", proc)] == [tmp_path / "x", tmp_path]


def test_a_group_outside_the_mount_counts_as_that_of_the_mount_point(tmp_path):
    for path, root in (("/../other", "/"), ("/dockers", "/docker")):
        proc = write_proc(tmp_path, [f"0::{path}"], [(root, tmp_path, "cgroup2 cgroup2 rw")])
        assert [group.folder for group in control_groups("cpu", proc)] == [tmp_path]


def test_no_groups_without_the_proc_file_system(tmp_path):
    assert list(control_groups("cpu", tmp_path)) == []


@given(st.text(), st.text())
def test_any_content_is_groups_or_nothing(tmp_path_factory, cgroup, mountinfo):
    proc = tmp_path_factory.mktemp("proc")
    for name, content in (("cgroup", cgroup), ("mountinfo", mountinfo)):
        (proc / name).write_bytes(content.encode("utf-8", "surrogatepass"))
    assert all(isinstance(group, ControlGroup) for group in control_groups("cpu", proc))


def test_numbers(tmp_path):
    for content, number in (("-1\n", -1), ("50000", 50000), ("max\n", None), ("", None)):
        (tmp_path / "file").write_text(content)
        assert read_number(tmp_path / "file") == number
    assert read_number(tmp_path / "absent") is None
