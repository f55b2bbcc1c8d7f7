from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import msgspec
import psutil
import pytest

from imagemood.bulk import lock as lock_module
from imagemood.bulk.lock import LOCK_FILE, lock
from imagemood.bulk.lock_note import LockNote
from imagemood.errors import InputError

WHOLE = (1, 1)


@pytest.fixture(autouse=True)
def _short_durations(monkeypatch):
    for name, seconds in (("_POLL_S", 0.001), ("_RENEWAL_S", 0.005), ("_EXPIRY_S", 0.05)):
        monkeypatch.setattr(lock_module, name, seconds)


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def locked(tmp_path, warnings):
    """A function that tries to lock the folder, and returns whether there were other locks."""

    def locked(key="a", shard=WHOLE):
        with lock(str(tmp_path), key, shard, warn=warnings.append) as held:
            return held.is_only_lock()

    return locked


def write(folder, note: LockNote):
    path = folder / f"_imagemood.lock.{note.id}.json"
    path.write_bytes(note.to_json())
    return path


def changed(note, **fields):
    return msgspec.structs.replace(note, **fields)


def test_the_lock_file_exists_during_the_block(tmp_path):
    with lock(str(tmp_path / "new"), "a", WHOLE, warn=print) as held:
        (path,) = (tmp_path / "new").iterdir()
        assert LOCK_FILE.fullmatch(path.name)
        note = LockNote.from_json(path.read_bytes())
        assert (note.key, note.shard, note.process, note.is_held) == ("a", WHOLE, os.getpid(), True)
        assert held.is_only_lock()
        held.check()
    assert list((tmp_path / "new").iterdir()) == []


def test_the_lock_is_released_after_an_exception(tmp_path):
    with pytest.raises(LookupError), lock(str(tmp_path), "a", WHOLE, warn=print):
        raise LookupError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["a", "b"])
def test_a_second_run_is_an_error_that_names_the_first_one(tmp_path, locked, key):
    with lock(str(tmp_path), "a", WHOLE, warn=print):
        message = rf"another run is writing this dataset: process {os.getpid()} on .+, since \d.* UTC \(wait until"
        with pytest.raises(InputError, match=message):
            locked(key)
    assert locked(key)


def test_different_shards_of_the_same_run_hold_the_lock_together(tmp_path, locked):
    with lock(str(tmp_path), "a", (1, 3), warn=print):
        assert not locked("a", (2, 3))
        for key, shard in (("a", (1, 3)), ("a", (2, 4)), ("b", (2, 3)), ("a", WHOLE)):
            with pytest.raises(InputError, match="another run is writing"):
                locked(key, shard)


def test_of_runs_that_start_at_the_same_time_one_gets_the_lock_at_a_time(tmp_path):
    n_holders, most, errors = 0, 0, []
    count = threading.Lock()

    def run(i):
        nonlocal n_holders, most
        try:
            with lock(str(tmp_path), f"key {i}", WHOLE, warn=print):
                with count:
                    n_holders += 1
                    most = max(most, n_holders)
                time.sleep(0.01)
                with count:
                    n_holders -= 1
        except InputError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert all("another run is writing" in str(error) for error in errors)
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_process_that_was_killed_is_removed_at_once(tmp_path, locked, warnings):
    code = f"""
from imagemood.bulk.lock import lock
with lock({str(tmp_path)!r}, "b", (1, 1), warn=print):
    print("locked", flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(InputError, match=f"process {process.pid} on"):
            locked()
        process.kill()
    assert len(list(tmp_path.iterdir())) == 1
    assert locked()
    assert list(tmp_path.iterdir()) == []
    assert warnings == []


def test_another_process_with_the_same_number_is_not_the_one_that_had_the_lock(tmp_path, locked):
    note = LockNote.create("b", WHOLE)
    assert note.is_alive()
    write(tmp_path, changed(note, process_start=note.process_start - 100, is_held=True))
    assert locked()


def test_the_lock_of_another_machine_expires_if_it_is_not_renewed(tmp_path, locked, warnings):
    other = changed(LockNote.create("b", WHOLE), machine="elsewhere", host="far", is_held=True)
    path = write(tmp_path, other)
    assert locked()
    assert not path.exists()
    assert warnings == [f"waiting up to 0 s, to find out whether {other} is still active"]


def test_the_lock_of_another_machine_is_respected_if_it_is_renewed(tmp_path, locked):
    other = changed(LockNote.create("b", WHOLE), machine="elsewhere", host="far", is_held=True)
    write(tmp_path, other)
    ended = threading.Event()

    def renew():
        n = 0
        while not ended.wait(0.002):
            n += 1
            write(tmp_path, changed(other, n_renewals=n))

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        with pytest.raises(InputError, match="another run is writing this dataset: process .* on far|is damaged"):
            locked()
    finally:
        ended.set()
        thread.join()


def test_a_damaged_lock_file_expires(tmp_path, locked, warnings):
    (tmp_path / f"_imagemood.lock.{'0' * 32}.json").write_bytes(b"{")
    assert locked()
    assert warnings == ["waiting up to 0 s, to find out whether another run is still active"]


def test_a_run_whose_lock_was_removed_finds_out(tmp_path):
    expected = pytest.raises(InputError, match="another run has taken over this dataset")
    with lock(str(tmp_path), "a", WHOLE, warn=print) as held, expected:
        while True:
            for path in tmp_path.glob("_imagemood.lock.*"):
                path.unlink(missing_ok=True)
            held.check()
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_slept_while_another_one_started_finds_out(tmp_path, monkeypatch):
    with lock(str(tmp_path), "a", WHOLE, warn=print) as held:
        write(tmp_path, changed(LockNote.create("b", WHOLE), is_held=True))
        monkeypatch.setattr(lock_module, "_EXPIRY_S", -1)  # as if the last renewal were a long time ago
        with pytest.raises(InputError, match="another run has taken over this dataset"):
            while True:
                held.check()


def test_a_lock_is_renewed(tmp_path):
    with lock(str(tmp_path), "a", WHOLE, warn=print) as held:
        while LockNote.from_json(next(tmp_path.glob("_imagemood*")).read_bytes()).n_renewals < 2:
            time.sleep(0.001)
        held.check()


def test_a_folder_that_cannot_be_written(tmp_path, locked):
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match="Not a directory"),
        lock(str(tmp_path / "file" / "moods"), "a", WHOLE, warn=print),
    ):
        pass


def test_the_number_of_a_process_is_valid_on_its_own_machine_only(monkeypatch):
    note = LockNote.create("a", WHOLE)
    assert changed(note, machine="elsewhere").is_alive() is None
    assert changed(note, process=2**40).is_alive() is False
    monkeypatch.setattr(psutil, "pid_exists", lambda _: False)
    assert LockNote.from_json(note.to_json()) == note
