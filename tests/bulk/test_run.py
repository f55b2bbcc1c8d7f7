from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood import visual
from imagemood.bulk import engine
from imagemood.bulk.rows import OptionalColumns
from imagemood.bulk.run import run
from imagemood.bulk.settings import BulkRequest, RunSettings
from imagemood.errors import InputError, ModelError, RemoteError, UnreadableError
from imagemood.pictures.finding import folder_search, listing
from imagemood.pictures.finding.selection import SearchOptions
from imagemood.prediction.cascade import Cascade
from tests.bulk.conftest import info_of, rows_of, write_photos


@pytest.fixture(scope="module", autouse=True)
def local_engine():
    engine.start()


@pytest.fixture(scope="module")
def answers(photos):
    outputs = ("tags", "embedding")
    return {result.image: result for result in Cascade.load().classify_many(photos, outputs)}


@pytest.fixture(scope="module")
def dataset(photos, tmp_path_factory):
    """A dataset of all pictures with all optional columns, four pictures per file."""
    folder = tmp_path_factory.mktemp("moods") / "dataset"
    columns = OptionalColumns(n_tags=5, embedding=True, features=True)
    summary = run(BulkRequest(str(photos), n_rows=4), RunSettings(str(folder), columns))
    return folder, summary


def file_times(folder: Path) -> dict[str, int]:
    """The names of the files, and the time at which each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def warnings_of(request, settings):
    warnings = []
    summary = run(request, settings, warn=warnings.append)
    return summary, warnings


def test_the_rows_have_the_values_of_the_cascade(dataset, answers):
    folder, _ = dataset
    table = rows_of(folder)
    assert table["path"].to_pylist() == sorted(answers)
    for row in table.to_pylist():
        result = answers[row["path"]]
        if result.error is not None:
            assert row["error"] == result.error.what
            assert row["mood"] is row["awe"] is row["tags"] is row["embedding"] is row["features"] is None
            continue
        assert row["error"] is None
        assert row["mood"] == result.mood
        for mood, probability in result.moods.items():
            assert row[mood] == pytest.approx(probability, abs=1e-6)
        assert row["valence"] == pytest.approx(result.affect.valence, abs=1e-6)
        assert row["arousal"] == pytest.approx(result.affect.arousal, abs=1e-6)
        scores = [result.tags[tag["tag"]] for tag in row["tags"]]
        np.testing.assert_allclose([tag["score"] for tag in row["tags"]], scores, atol=1e-6)
        np.testing.assert_allclose(scores, list(result.tags.values())[:5], atol=1e-6)
        np.testing.assert_allclose(row["embedding"], result.embedding, atol=1e-4)
        assert list(row["features"]) == list(visual.NAMES)
    assert len(set(table["model"].to_pylist())) == 1


def test_the_summary_counts_moods_and_errors(dataset, answers):
    _, summary = dataset
    moods = [result.mood for result in answers.values() if result.error is None]
    assert summary.n == 25
    assert summary.n_failed == 2
    assert set(summary.errors) == {"cannot be decoded", "empty file"}
    assert summary.examples["empty file"].endswith("empty.png")
    assert summary.moods == {mood: moods.count(mood) for mood in moods}


def test_files_have_equal_sizes_and_are_in_order(dataset, photos):
    folder, _ = dataset
    sizes = [pq.read_metadata(path).num_rows for path in sorted(folder.glob("part-*"))]
    assert sizes == [4] * 6 + [1]
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    info = info_of(folder)
    assert (info["source"], info["n_pictures"], info["n_files"]) == (str(photos), 25, 7)


def test_finished_files_are_not_computed_again(photos, tmp_path):
    settings, request = RunSettings(str(tmp_path / "moods")), BulkRequest(str(photos), n_rows=4)
    run(request, settings)
    before = file_times(tmp_path / "moods")
    assert warnings_of(request, settings)[1] == []
    assert file_times(tmp_path / "moods") == before
    lost = sorted(before)[2:4]
    for name in lost:
        (tmp_path / "moods" / name).unlink()
    (tmp_path / "moods" / f".{lost[0]}.12345678.part").write_bytes(b"unfinished")
    done = []
    run(request, settings, progress=lambda n, total: done.append((n, total)))
    after = file_times(tmp_path / "moods")
    assert done == [(17, 25), (21, 25), (25, 25)]
    assert {name for name in before if after[name] != before[name]} == set(lost)
    assert len(list((tmp_path / "moods").iterdir())) == 8


def test_other_models_and_options_start_again_with_a_warning(photos, tmp_path):
    target = str(tmp_path / "moods")
    request = BulkRequest(str(photos / "a"), n_rows=4)
    run(request, RunSettings(target))
    before, hashes = file_times(tmp_path / "moods"), set(rows_of(tmp_path / "moods")["model"].to_pylist())
    summary, warnings = warnings_of(request, RunSettings(target, model="tags"))
    assert warnings == ["the model has changed since the last run: 4 of 4 finished files are computed again"]
    assert summary.n == 13
    assert not set(before) & set(file_times(tmp_path / "moods"))
    assert not hashes & set(rows_of(tmp_path / "moods")["model"].to_pylist())
    _, warnings = warnings_of(request, RunSettings(target, OptionalColumns(n_tags=1), model="tags"))
    assert warnings == ["the options have changed since the last run: 4 of 4 finished files are computed again"]
    assert rows_of(tmp_path / "moods").num_rows == 13


def test_new_pictures_are_added_and_missing_ones_removed(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 8), tmp_path / "moods"
    request, settings = BulkRequest(str(photos), n_rows=3), RunSettings(str(target))
    run(request, settings)
    before = file_times(target)
    shutil.copy(photos / "000.jpg", photos / "100.jpg")
    summary, warnings = warnings_of(request, settings)
    assert summary.n == rows_of(target).num_rows == 9
    assert len(set(before) & set(file_times(target))) == 2
    assert warnings == ["the pictures have changed since the last run: 1 of 3 finished files are computed again"]
    (photos / "000.jpg").unlink()
    assert warnings_of(request, settings)[0].n == rows_of(target).num_rows == 8
    assert rows_of(target)["path"].to_pylist() == [str(path) for path in sorted(photos.iterdir())]


def test_a_limit_selects_the_first_pictures_and_does_not_remove_others(photos, tmp_path):
    target = tmp_path / "moods"
    settings = RunSettings(str(target))
    assert run(BulkRequest(str(photos), limit=6, n_rows=4), settings).n == rows_of(target).num_rows == 6
    before = file_times(target)
    assert run(BulkRequest(str(photos), n_rows=4), settings).n == rows_of(target).num_rows == 25
    assert len(set(before) & set(file_times(target))) == 1
    with pytest.raises(InputError, match="the dataset contains 25 pictures, more than --limit 6"):
        run(BulkRequest(str(photos), limit=6, n_rows=4), settings)
    assert (
        run(BulkRequest(str(photos), limit=6, n_rows=4, overwrite=True), settings).n
        == rows_of(target).num_rows
        == 6
    )


def test_failed_pictures_are_retried_on_request(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 6), tmp_path / "moods"
    (photos / "002.jpg").write_bytes(b"not a picture")
    request, settings = BulkRequest(str(photos), n_rows=2), RunSettings(str(target))
    assert run(request, settings).n_failed == 1
    before = file_times(target)
    write_photos(photos, 3)
    assert run(request, settings).n_failed == 1
    assert run(replace(request, retry_failed=True), settings).n_failed == 0
    after = file_times(target)
    assert [name for name in sorted(after) if after[name] != before[name]] == [sorted(before)[1]]


def test_shards_divide_the_work(photos, tmp_path):
    settings = RunSettings(str(tmp_path / "moods"))
    counts = [run(BulkRequest(str(photos), shard=(i, 3), n_rows=2), settings).n for i in (2, 3, 1)]
    assert counts == [8, 8, 9]
    before = file_times(tmp_path / "moods")
    assert run(BulkRequest(str(photos), n_rows=2), settings).n == rows_of(tmp_path / "moods").num_rows == 25
    assert file_times(tmp_path / "moods") == before


def test_a_shard_does_not_remove_the_files_of_others(photos, tmp_path):
    settings = RunSettings(str(tmp_path / "moods"))
    run(BulkRequest(str(photos), shard=(1, 2), n_rows=2), settings)
    before = file_times(tmp_path / "moods")
    with pytest.raises(InputError, match="--overwrite would remove"):
        run(BulkRequest(str(photos), shard=(2, 2), n_rows=2, overwrite=True), settings)
    assert file_times(tmp_path / "moods") == before


def test_another_source_or_a_folder_with_other_files_is_an_error(photos, tmp_path):
    target = tmp_path / "moods"
    run(BulkRequest(str(photos / "a")), RunSettings(str(target)))
    before = file_times(target)
    with pytest.raises(
        InputError, match="the dataset contains the moods of .*/a .give another folder, or --overwrite"
    ):
        run(BulkRequest(str(photos / "b c")), RunSettings(str(target)))
    assert file_times(target) == before
    run(BulkRequest(str(photos / "a" / ".")), RunSettings(str(target)))
    assert run(BulkRequest(str(photos / "b c"), overwrite=True), RunSettings(str(target))).n == 12
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").touch()
    (tmp_path / "file").touch()
    for name, message in (
        ("letters", "the folder is neither empty nor a dataset: it contains one.txt"),
        ("file", "is a file, not a folder"),
    ):
        with pytest.raises(InputError, match=message):
            run(BulkRequest(str(photos)), RunSettings(str(tmp_path / name)))
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]


def test_pictures_in_a_table(photos, answers, tmp_path):
    paths = sorted(answers)
    table = pa.table({"image": [Path(path).read_bytes() for path in paths], "path": paths})
    pq.write_table(table, tmp_path / "table.parquet", row_group_size=9)
    for column, n_failed in (("image", 2), ("path", 2)):
        target = tmp_path / column
        assert (
            run(BulkRequest(str(tmp_path / "table.parquet"), column, n_rows=4), RunSettings(str(target))).n_failed
            == n_failed
        )
        rows = pa.concat_tables([pq.read_table(path) for path in sorted(target.glob("part-*"))])
        awe = [answers[path].moods.get("awe") for path in paths]
        assert [value is None for value in rows["awe"].to_pylist()] == [value is None for value in awe]
        known = np.array([value or 0 for value in awe])
        np.testing.assert_allclose(np.array(rows["awe"].fill_null(0)), known, atol=1e-6)


def test_relative_paths_and_missing_files(tmp_path, monkeypatch):
    write_photos(tmp_path / "photos", 2)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("path\nphotos/000.jpg\nphotos/gone.jpg\n-\nphotos/001.jpg\n")
    summary = run(BulkRequest("list.csv", "path"), RunSettings("moods"))
    assert summary.errors == {"No such file or directory": 2}
    assert rows_of(Path("moods"))["path"].to_pylist() == [
        "-",
        "photos/000.jpg",
        "photos/001.jpg",
        "photos/gone.jpg",
    ]


def test_a_folder_that_cannot_be_listed_is_a_row_with_an_error(tmp_path, lock):
    for name in ("a", "locked", "z"):
        write_photos(tmp_path / "photos" / name, 2)
    os.mkfifo(tmp_path / "photos" / "pipe.jpg")
    source, target = str(tmp_path / "photos"), str(tmp_path / "moods")
    lock("locked")
    errors, skipped = [], []
    (tmp_path / "photos" / "x.gpr").touch()
    request, settings = BulkRequest(source, n_rows=2), RunSettings(target)
    for _ in range(2):  # the second run has nothing to do
        summary = run(request, settings, on_error=errors.append, on_skip=skipped.append)
        assert (summary.n, summary.n_failed) == (6, 2)
    assert [str(error).removeprefix(source) for error in errors] == [
        "/locked: cannot be listed: Permission denied",
        "/pipe.jpg: a named pipe, not a file",
    ] * 2
    assert [one.name for one in skipped] == [f"{source}/x.gpr"] * 2
    rows = rows_of(tmp_path / "moods").to_pylist()
    assert [row["path"].removeprefix(f"{source}/") for row in rows] == [
        "a/000.jpg",
        "a/001.jpg",
        "locked",
        "pipe.jpg",
        "z/000.jpg",
        "z/001.jpg",
    ]
    assert {row["path"].removeprefix(f"{source}/"): row["error"] for row in rows if row["error"]} == {
        "locked": "cannot be listed: Permission denied",
        "pipe.jpg": "a named pipe, not a file",
    }


def test_a_row_that_cannot_be_used_has_its_error(tmp_path, monkeypatch):
    write_photos(tmp_path / "photos", 4)
    monkeypatch.chdir(tmp_path)
    table = Path("list.csv")
    table.write_text("path,n\nphotos/000.jpg,1\n,2\nphotos/001.jpg,x,3\nphotos/002.jpg,4\n")
    wrong = "wrong number of fields: 3 instead of 2 (put quotes around text with a comma)"
    expected = [
        ("list.csv, row 2, field 'path'", "missing path or URL"),
        ("list.csv, row 3", wrong),
        ("photos/000.jpg", None),
        ("photos/002.jpg", None),
    ]
    errors = []
    request, settings = BulkRequest("list.csv", "path", n_rows=3), RunSettings("moods")
    summary = run(request, settings, on_error=errors.append)
    assert [(error.where, error.message) for error in errors] == expected[:2]
    assert summary.errors == {"missing path or URL": 1, "wrong number of fields": 1}
    assert [(row["path"], row["error"]) for row in rows_of(Path("moods")).to_pylist()] == sorted(expected)
    before = file_times(Path("moods"))
    run(replace(request, retry_failed=True), settings)
    table.write_text(table.read_text() + "photos/003.jpg,5\n")
    _, warnings = warnings_of(request, settings)  # the rows do not prevent that a file is computed again
    assert warnings == ["the pictures have changed since the last run: 1 of 2 finished files are computed again"]
    assert len(before.items() - file_times(Path("moods")).items()) == 2
    assert [row["path"] for row in rows_of(Path("moods")).to_pylist()][-1] == "photos/003.jpg"


def test_finished_files_are_not_discarded_because_a_folder_cannot_be_listed(tmp_path, monkeypatch):
    for name in ("a", "b", "z"):
        write_photos(tmp_path / "photos" / name, 2)
    request, settings = BulkRequest(str(tmp_path / "photos"), n_rows=2), RunSettings(str(tmp_path / "moods"))
    run(request, settings)
    before = file_times(tmp_path / "moods")
    real, unlistable = listing.scan, {"b"}

    def scan(path):
        if Path(path).name in unlistable:
            raise OSError(116, "Stale file handle")
        return real(path)

    monkeypatch.setattr(folder_search, "scan", scan)
    message = "2 of 3 finished files would be discarded because a part of the source cannot be read"
    with pytest.raises(UnreadableError, match=message):
        run(request, settings)
    unlistable.add("photos")
    with pytest.raises(UnreadableError, match="photos: cannot be listed: Stale file handle"):
        run(request, settings)
    assert file_times(tmp_path / "moods") == before
    unlistable.remove("photos")
    assert run(replace(request, overwrite=True), settings).n_failed == 1
    unlistable.clear()
    assert run(request, settings).n_failed == 0


def test_hidden_folders_are_included_on_request(photos, tmp_path):
    request = BulkRequest(str(photos), options=SearchOptions(include_hidden=True))
    assert run(request, RunSettings(str(tmp_path / "moods"))).n == 26


def test_missing_models_are_errors_before_the_run(photos, tmp_path):
    with pytest.raises(ModelError, match="no such model directory"):
        run(BulkRequest(str(photos)), RunSettings(str(tmp_path / "moods"), model="absent"))
    with pytest.raises(ModelError, match=r"absent.onnx"):
        run(BulkRequest(str(photos)), RunSettings(str(tmp_path / "moods"), tagger="absent.onnx"))
    assert not (tmp_path / "moods").exists()


def test_a_target_that_cannot_be_written(photos, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Not a directory"):
        run(BulkRequest(str(photos)), RunSettings(str(tmp_path / "file" / "moods")))


def test_a_damaged_file_is_computed_again_and_named(photos, tmp_path):
    target = tmp_path / "moods"
    request, settings = BulkRequest(str(photos), n_rows=4), RunSettings(str(target))
    run(request, settings)
    rows, before = rows_of(target), file_times(target)
    first, second, third = sorted(before)[:3]
    (target / first).write_bytes((target / first).read_bytes()[:100])
    (target / second).write_bytes((target / third).read_bytes())
    summary, warnings = warnings_of(request, settings)
    assert summary.n == 25
    assert rows_of(target).equals(rows)
    assert {name for name in before if file_times(target)[name] != before[name]} == {first, second}
    (line,) = warnings
    assert line.startswith(f"2 of 7 finished files are damaged and computed again, such as {first}: it cannot be")


def test_another_run_at_the_same_time_is_an_error_and_changes_nothing(photos, tmp_path):
    target = tmp_path / "moods"
    request = BulkRequest(str(photos), n_rows=2)
    errors = []

    def start_another_run(n_done, n_total):
        if n_done == 2:
            for other in (request, replace(request, n_rows=3), replace(request, overwrite=True)):
                with pytest.raises(InputError, match="another run is writing this dataset: process ") as caught:
                    run(other, RunSettings(str(target), OptionalColumns(n_tags=1)))
                errors.append(caught.value)

    assert run(request, RunSettings(str(target)), progress=start_another_run).n == 25
    assert len(errors) == 3
    assert rows_of(target).num_rows == 25
    assert sorted(path.name[:4] for path in target.iterdir()) == ["_ima", *["part"] * 13]


def test_shards_may_run_at_the_same_time(photos, tmp_path):
    settings = RunSettings(str(tmp_path / "moods"))
    request = BulkRequest(str(photos), shard=(1, 2), n_rows=4)
    others = []

    def start_other_shard(n_done, n_total):
        if not others:
            others.append(None)
            others[0] = run(replace(request, shard=(2, 2)), settings).n

    assert run(request, settings, progress=start_other_shard).n + others[0] == 25
    assert rows_of(tmp_path / "moods").num_rows == 25


def test_a_target_that_disappears_is_an_error(photos, tmp_path):
    target = tmp_path / "moods"

    def remove(n_done, n_total):
        if n_done == 8:
            for path in target.glob("part-*"):
                path.unlink()

    request, settings = BulkRequest(str(photos), n_rows=4), RunSettings(str(target))
    with pytest.raises(RemoteError, match=r"\d finished files have disappeared, such as part-.* \(run the same"):
        run(request, settings, progress=remove)
    assert run(request, settings).n == rows_of(target).num_rows == 25


@pytest.mark.parametrize("target", ["tables/moods", "tables", "tables/../tables/deep/moods"])
def test_a_dataset_is_never_among_the_tables_of_its_source(tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "list.csv").write_text("path\na.jpg\n")
    with pytest.raises(InputError, match="tables"):
        run(BulkRequest("tables", "path"), RunSettings(target))
    assert os.listdir(tmp_path / "tables") == ["list.csv"]
