from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from imagemood.bulk.dataset_info import Summary
from imagemood.cli.bulk import _absolute, _format_summary, _parse_shard
from imagemood.errors import InputError
from tests.bulk.conftest import write_photos
from tests.cli.commands import command, run_process


def test_the_summary_counts_moods_and_errors(dataset_folder):
    completed = run_process("bulk", "photos", "-o", "moods", "--tags", 2, cwd=dataset_folder)
    assert completed.returncode == 1
    assert completed.stderr == b""
    moods = pq.read_table(dataset_folder / "moods")["mood"].drop_null().to_pylist()
    counts = sorted({mood: moods.count(mood) for mood in moods}.items(), key=lambda item: -item[1])
    lines = completed.stdout.decode().splitlines()
    assert lines[0] == "21 pictures: 20 classified, 1 failed"
    assert sorted(lines[1:-2]) == sorted(f"  {n:2}  {mood}" for mood, n in counts)
    assert lines[-2:] == ["failed:", "   1  empty file, such as photos/empty.jpg"]


def test_the_summary_as_json(dataset_folder):
    completed = run_process("bulk", "photos", "-o", "moods", "--tags", 2, "--format", "json", cwd=dataset_folder)
    assert completed.stderr == b""
    summary = json.loads(completed.stdout)
    assert list(summary) == ["n", "moods", "errors", "examples", "n_failed"]
    assert (summary["n"], summary["n_failed"], summary["errors"]) == (21, 1, {"empty file": 1})
    assert summary["examples"] == {"empty file": "photos/empty.jpg"}
    assert sum(summary["moods"].values()) == 20


def test_all_options_of_the_content(tmp_path):
    write_photos(tmp_path / "photos", 3)
    options = ("--tags", 3, "--embedding", "--features", "--limit", 2, "--views", 2, "--rows-per-file", 1)
    completed = run_process("bulk", "photos", "-o", "moods", *options, cwd=tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout.startswith(b"2 pictures: 2 classified, 0 failed\n")
    assert len(list((tmp_path / "moods").glob("part-*.parquet"))) == 2
    table = pq.read_table(tmp_path / "moods")
    assert {"tags", "embedding", "features"} < set(table.column_names)
    assert [len(tags) for tags in table["tags"].to_pylist()] == [3, 3]
    options = json.loads((tmp_path / "moods" / "_imagemood.json").read_text())["options"]
    assert options == {"n_tags": 3, "embedding": True, "features": True, "n_views": 2, "rows_per_file": 1}


def test_a_changed_option_is_a_warning(tmp_path):
    write_photos(tmp_path / "photos", 2)
    assert run_process("bulk", "photos", "-o", "moods", cwd=tmp_path).returncode == 0
    completed = run_process("bulk", "photos", "-o", "moods", "--tags", 1, cwd=tmp_path)
    assert completed.returncode == 0
    assert completed.stderr == (
        b"warning: the options have changed since the last run: 1 of 1 finished files are computed again\n"
    )


def test_progress_on_a_terminal(dataset_folder, tmp_path):
    terminal, end = pty.openpty()
    arguments = command("bulk", "photos", "-o", tmp_path / "moods", "--rows-per-file", 1)
    with subprocess.Popen(arguments, cwd=dataset_folder, stdout=subprocess.PIPE, stderr=end) as process:
        os.close(end)
        shown = b""
        while True:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # the other end is closed
                break
        process.communicate()
    os.close(terminal)
    assert re.search(r"\d+ of 21 pictures", shown.decode())
    assert "Classifying" in shown.decode()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("absent",), "absent: No such file or directory"),
        (("-",), "-: standard input is one picture (use imagemood classify -)"),
        (("photos", "--shard", "3/2"), "invalid --shard '3/2' (give I/N with I from 1 to N, such as 2/8)"),
        (("photos", "--address", "here"), "--address requires the engine ray (add --engine ray)"),
        (("photos", "--overwrite", "--shard", "1/2"), "--overwrite would remove the files of other shards"),
        (("photos", "--model", "absent"), "absent"),
        (("photos", "--column", "path"), "photos"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(dataset_folder, tmp_path, arguments, message):
    completed = run_process("bulk", *arguments, "-o", tmp_path / "x", cwd=dataset_folder)
    stderr = completed.stderr.decode()
    assert completed.returncode == 2
    assert completed.stdout == b""
    assert stderr.startswith(f"error: {message}")
    assert stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_no_usage_reports_are_sent(dataset_folder, tmp_path):
    """Daft would send a report from a thread as soon as it is imported."""
    code = (
        "import os, urllib.request\n"
        "def fail(*_, **__): os._exit(77)\n"
        "urllib.request.urlopen = fail\n"
        "from imagemood.cli import main\n"
        f"main(['bulk', 'photos', '-o', {str(tmp_path / 'moods')!r}])\n"
    )
    completed = subprocess.run(
        [sys.executable, "-c", code], cwd=dataset_folder, capture_output=True, text=True, check=False
    )
    assert completed.returncode == 1, completed.stderr
    assert completed.stdout.startswith("21 pictures")


@pytest.mark.parametrize(("text", "shard"), [(None, (1, 1)), ("1/1", (1, 1)), ("2/8", (2, 8)), ("8/8", (8, 8))])
def test_valid_shards(text, shard):
    assert _parse_shard(text) == shard


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/", "/2", "-1/2", "1/2/3", "a/b", " 1/2"])
def test_invalid_shards(text):
    with pytest.raises(InputError, match="invalid --shard"):
        _parse_shard(text)


def test_model_directories_become_absolute_and_built_in_names_do_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert _absolute("mine") == str(tmp_path / "mine")
    assert _absolute("default") == "default"
    assert _absolute(None) is None


def test_the_summary_of_many_errors():
    errors = {f"kind {i}": 1200 - i for i in range(22)}
    examples = dict.fromkeys(errors, "a.jpg")
    lines = _format_summary(Summary(30_000, {"awe": 5000, "fear": 12}, errors, examples)).splitlines()
    assert lines[0] == "30,000 pictures: 3,831 classified, 26,169 failed"
    assert lines[1:3] == ["   5,000  awe", "      12  fear"]
    assert lines[3:5] == ["failed:", "   1,200  kind 0, such as a.jpg"]
    assert lines[-1] == "  and 2 other kinds of errors"
    assert len(lines) == 4 + 20 + 1


def test_the_summary_explains_how_to_retry():
    text = _format_summary(Summary(1, {}, {"temporarily unavailable": 1}, {"temporarily unavailable": "b.jpg"}))
    assert text == (
        "1 pictures: 0 classified, 1 failed\nfailed:\n  1  temporarily unavailable, such as b.jpg\n"
        "run the same command again to retry the pictures that were temporarily unavailable\n"
    )
