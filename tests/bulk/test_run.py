from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood import visual
from imagemood.bulk import engine
from imagemood.bulk.job import Job
from imagemood.bulk.rows import Columns
from imagemood.bulk.run import Order, run
from imagemood.errors import InputError, MissingExtraError, ModelError
from imagemood.prediction.cascade import Cascade
from tests.bulk.conftest import note_of, rows_of, write_photos


@pytest.fixture(scope="module", autouse=True)
def local_engine():
    engine.start()


@pytest.fixture(scope="module")
def answers(photos):
    return {result.image: result for result in Cascade.load().classify_many(photos)}


@pytest.fixture(scope="module")
def dataset(photos, tmp_path_factory):
    """All pictures, with all that rows can hold, in files of four."""
    folder = tmp_path_factory.mktemp("moods") / "dataset"
    columns = Columns(n_tags=5, embedding=True, features=True)
    summary = run(Order(str(photos), n_rows=4), Job(str(folder), columns))
    return folder, summary


def parts(folder: Path) -> dict[str, int]:
    """Names of the files, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def said_by(order, job):
    said = []
    summary = run(order, job, say=said.append)
    return summary, said


def test_the_numbers_are_those_of_the_cascade(dataset, answers):
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


def test_the_summary_counts(dataset, answers):
    _, summary = dataset
    moods = [result.mood for result in answers.values() if result.error is None]
    assert summary.n == 25
    assert summary.n_failed == 2
    assert set(summary.errors) == {"cannot be decoded", "empty file"}
    assert summary.examples["empty file"].endswith("empty.png")
    assert summary.moods == {mood: moods.count(mood) for mood in moods}


def test_files_are_full_and_in_order(dataset, photos):
    folder, _ = dataset
    sizes = [pq.read_metadata(path).num_rows for path in sorted(folder.glob("part-*"))]
    assert sizes == [4] * 6 + [1]
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    note = note_of(folder)
    assert (note["source"], note["n_pictures"], note["n_files"]) == (str(photos), 25, 7)


def test_what_is_finished_is_not_computed_again(photos, tmp_path):
    job, order = Job(str(tmp_path / "moods")), Order(str(photos), n_rows=4)
    run(order, job)
    before = parts(tmp_path / "moods")
    assert said_by(order, job)[1] == []
    assert parts(tmp_path / "moods") == before
    lost = sorted(before)[2:4]
    for name in lost:
        (tmp_path / "moods" / name).unlink()
    (tmp_path / "moods" / f".{lost[0]}.12345678.part").write_bytes(b"unfinished")
    done = []
    run(order, job, tick=lambda n, total: done.append((n, total)))
    after = parts(tmp_path / "moods")
    assert done == [(17, 25), (21, 25), (25, 25)]
    assert {name for name in before if after[name] != before[name]} == set(lost)
    assert len(list((tmp_path / "moods").iterdir())) == 8


def test_other_models_and_options_start_anew_and_say_so(photos, tmp_path):
    target = str(tmp_path / "moods")
    order = Order(str(photos / "a"), n_rows=4)
    run(order, Job(target))
    before, hashes = parts(tmp_path / "moods"), set(rows_of(tmp_path / "moods")["model"].to_pylist())
    summary, said = said_by(order, Job(target, model="tags"))
    assert said == ["the model is another than in the run before: 4 of its 4 finished files are computed anew"]
    assert summary.n == 13
    assert not set(before) & set(parts(tmp_path / "moods"))
    assert not hashes & set(rows_of(tmp_path / "moods")["model"].to_pylist())
    _, said = said_by(order, Job(target, Columns(n_tags=1), model="tags"))
    assert said == ["the options are others than in the run before: 4 of its 4 finished files are computed anew"]
    assert rows_of(tmp_path / "moods").num_rows == 13


def test_new_pictures_are_added_and_lost_ones_removed(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 8), tmp_path / "moods"
    order, job = Order(str(photos), n_rows=3), Job(str(target))
    run(order, job)
    before = parts(target)
    shutil.copy(photos / "000.jpg", photos / "100.jpg")
    summary, said = said_by(order, job)
    assert summary.n == rows_of(target).num_rows == 9
    assert len(set(before) & set(parts(target))) == 2
    assert "the pictures are others" in said[0]
    (photos / "000.jpg").unlink()
    assert said_by(order, job)[0].n == rows_of(target).num_rows == 8
    assert rows_of(target)["path"].to_pylist() == [str(path) for path in sorted(photos.iterdir())]


def test_a_limit_takes_the_first_and_is_no_way_to_lose_the_others(photos, tmp_path):
    target = tmp_path / "moods"
    job = Job(str(target))
    assert run(Order(str(photos), limit=6, n_rows=4), job).n == rows_of(target).num_rows == 6
    before = parts(target)
    assert run(Order(str(photos), n_rows=4), job).n == rows_of(target).num_rows == 25
    assert len(set(before) & set(parts(target))) == 1
    with pytest.raises(InputError, match="is for 25 pictures, more than --limit 6"):
        run(Order(str(photos), limit=6, n_rows=4), job)
    assert run(Order(str(photos), limit=6, n_rows=4, overwrite=True), job).n == rows_of(target).num_rows == 6


def test_failed_pictures_are_tried_again_when_asked(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 6), tmp_path / "moods"
    (photos / "002.jpg").write_bytes(b"no picture")
    order, job = Order(str(photos), n_rows=2), Job(str(target))
    assert run(order, job).n_failed == 1
    before = parts(target)
    write_photos(photos, 3)
    assert run(order, job).n_failed == 1
    assert run(replace(order, retry_failed=True), job).n_failed == 0
    after = parts(target)
    assert [name for name in sorted(after) if after[name] != before[name]] == [sorted(before)[1]]


def test_shards_share_the_work(photos, tmp_path):
    job = Job(str(tmp_path / "moods"))
    counts = [run(Order(str(photos), shard=(i, 3), n_rows=2), job).n for i in (2, 3, 1)]
    assert counts == [8, 8, 9]
    before = parts(tmp_path / "moods")
    assert run(Order(str(photos), n_rows=2), job).n == rows_of(tmp_path / "moods").num_rows == 25
    assert parts(tmp_path / "moods") == before


def test_a_shard_does_not_remove_the_work_of_others(photos, tmp_path):
    job = Job(str(tmp_path / "moods"))
    run(Order(str(photos), shard=(1, 2), n_rows=2), job)
    before = parts(tmp_path / "moods")
    with pytest.raises(InputError, match="--overwrite would remove"):
        run(Order(str(photos), shard=(2, 2), n_rows=2, overwrite=True), job)
    assert parts(tmp_path / "moods") == before


def test_another_source_or_something_else_is_refused(photos, tmp_path):
    target = tmp_path / "moods"
    run(Order(str(photos / "a")), Job(str(target)))
    before = parts(target)
    with pytest.raises(InputError, match="holds the moods of .*/a .give another folder, or --overwrite"):
        run(Order(str(photos / "b c")), Job(str(target)))
    assert parts(target) == before
    run(Order(str(photos / "a" / ".")), Job(str(target)))
    assert run(Order(str(photos / "b c"), overwrite=True), Job(str(target))).n == 12
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").touch()
    (tmp_path / "file").touch()
    for name, message in (("letters", "is a folder of something else .it holds one.txt"), ("file", "is a file")):
        with pytest.raises(InputError, match=message):
            run(Order(str(photos)), Job(str(tmp_path / name)))
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]


def test_pictures_out_of_a_table(photos, answers, tmp_path):
    paths = sorted(answers)
    table = pa.table({"image": [Path(path).read_bytes() for path in paths], "path": paths})
    pq.write_table(table, tmp_path / "table.parquet", row_group_size=9)
    for column, n_failed in (("image", 2), ("path", 2)):
        target = tmp_path / column
        assert run(Order(str(tmp_path / "table.parquet"), column, n_rows=4), Job(str(target))).n_failed == n_failed
        rows = pa.concat_tables([pq.read_table(path) for path in sorted(target.glob("part-*"))])
        awe = [answers[path].moods.get("awe") for path in paths]
        assert [value is None for value in rows["awe"].to_pylist()] == [value is None for value in awe]
        known = np.array([value or 0 for value in awe])
        np.testing.assert_allclose(np.array(rows["awe"].fill_null(0)), known, atol=1e-6)


def test_relative_paths_and_files_that_are_gone(tmp_path, monkeypatch):
    write_photos(tmp_path / "photos", 2)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("path\nphotos/000.jpg\nphotos/gone.jpg\n-\nphotos/001.jpg\n")
    summary = run(Order("list.csv", "path"), Job("moods"))
    assert summary.errors == {"No such file or directory": 2}
    assert rows_of(Path("moods"))["path"].to_pylist() == [
        "-",
        "photos/000.jpg",
        "photos/001.jpg",
        "photos/gone.jpg",
    ]


def test_what_cannot_work_is_refused_before_the_work(photos, tmp_path):
    with pytest.raises(ModelError, match="no such model directory"):
        run(Order(str(photos)), Job(str(tmp_path / "moods"), model="absent"))
    with pytest.raises(ModelError, match=r"absent.onnx"):
        run(Order(str(photos)), Job(str(tmp_path / "moods"), tagger="absent.onnx"))
    assert not (tmp_path / "moods").exists()


def test_a_target_that_cannot_be_written(photos, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="Not a directory"):
        run(Order(str(photos)), Job(str(tmp_path / "file" / "moods")))


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "daft", None)
    with pytest.raises(MissingExtraError, match=r"daft is not installed .*image-mood-classifier\[bulk\]"):
        engine.start()


def test_engines_that_do_not_fit():
    with pytest.raises(InputError, match="an address is for the engine ray"):
        engine.start("local", "127.0.0.1:6379")
    with pytest.raises(InputError, match="there is no engine 'dask'"):
        engine.start("dask")


def test_the_device_reaches_the_workers_and_is_no_part_of_the_model():
    here, there = Job("moods", device="cpu"), Job("moods", device="cuda:9999")
    assert (there.fingerprint, there.options) == (here.fingerprint, here.options)
    assert here.load().tagger.network.device == "cpu"
    with pytest.raises(InputError, match="^device cuda:9999: "):
        there.load()
