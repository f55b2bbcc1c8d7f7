from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from imagemood.errors import ImageError, InputError
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result
from imagemood.prediction.result_cache import ResultCache

LONG_AGO = 10**18


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b", "c", "d"):
        write(tmp_path / f"{name}.jpg", name)
    return tmp_path


def write(path, content):
    path.write_text(content)
    os.utime(path, ns=(LONG_AGO, LONG_AGO))


@pytest.fixture(autouse=True)
def are_old(monkeypatch):
    """The files of the tests count as old, although they are new."""
    monkeypatch.setattr("imagemood.prediction.result_cache._MIN_AGE_NS", 0)


def classify(folder, names="abcd", *, key="model", during=str, warnings=None, cache="cache"):
    """Classify files by their content, and return the names of those that were classified."""
    classified = []

    def predicted(pictures):
        for picture in pictures:
            classified.append(Path(picture.name).name[0])
            content = picture.read()
            during(picture.name)
            if content == b"damaged":
                yield Result(picture.name, error=ImageError("damaged", where=picture.name))
            else:
                p = content[0] / 256
                yield Result(
                    picture.name, labels=("awe", "fear"), probabilities=np.array([p, 1 - p]), picture=picture
                )

    pictures = [Picture.from_address(folder / f"{name}.jpg") for name in names]
    messages = [] if warnings is None else warnings
    with ResultCache(folder / cache, [key], messages.append) as cached:
        results = list(cached.classify_many(pictures, predicted))
    assert warnings is not None or not messages
    assert [result.image for result in results] == [picture.name for picture in pictures]
    for result in results:
        content = Path(result.image).read_bytes()
        if result.error is None:
            assert list(result.moods.values()) == sorted([content[0] / 256, 1 - content[0] / 256], reverse=True)
    return "".join(classified)


def test_only_new_and_changed_pictures_are_classified(folder):
    assert classify(folder, "ab") == "ab"
    assert classify(folder) == "cd"
    assert classify(folder) == ""
    assert classify(folder, "dcba") == ""
    write(folder / "b.jpg", "x")  # of the same size and time
    assert classify(folder) == "b"
    assert classify(folder) == ""
    os.utime(folder / "c.jpg")
    (folder / "a.jpg").rename(folder / "e.jpg")
    assert classify(folder, "bcde") == ""  # the same content


def test_other_models_and_options_have_other_moods(folder):
    assert classify(folder) == "abcd"
    assert classify(folder, key="other") == "abcd"
    assert classify(folder) == classify(folder, key="other") == ""


def test_other_versions_have_other_moods(folder, monkeypatch):
    assert classify(folder) == "abcd"
    monkeypatch.setattr("imagemood.__version__", "99")
    assert classify(folder) == "abcd"


def test_errors_are_not_kept(folder):
    write(folder / "b.jpg", "damaged")
    assert classify(folder) == "abcd"
    assert classify(folder) == "b"


def test_pictures_that_change_while_they_are_classified_are_not_kept(folder):
    def change(name):
        if name.endswith("b.jpg"):
            write(folder / "b.jpg", "x")

    with pytest.raises(AssertionError):
        classify(folder, during=change)  # the result is that of the former content
    assert classify(folder) == "b"


def test_recent_changes_are_compared_by_content(folder, monkeypatch):
    monkeypatch.setattr("imagemood.prediction.result_cache._MIN_AGE_NS", 10**12)
    assert classify(folder) == "abcd"
    with closing(sqlite3.connect(folder / "cache")) as connection:
        assert connection.execute("SELECT count(*) FROM pictures WHERE status IS NULL").fetchone() == (4,)
    assert classify(folder) == ""


def test_results_that_are_not_of_files_are_not_kept(tmp_path):
    pictures = [Picture.from_bytes(b"content", name="a")] * 2
    result = Result("a", labels=("awe",), probabilities=np.ones(1))
    for _ in range(2):
        with ResultCache(tmp_path / "cache", [], pytest.fail) as cache:
            assert list(cache.classify_many(pictures, lambda found: (result for _ in found))) == [result] * 2


def test_nothing_is_classified_without_missing_pictures(folder):
    classify(folder)
    pictures = [Picture.from_address(folder / "a.jpg")]
    with ResultCache(folder / "cache", ["model"], pytest.fail) as cache:
        assert len(list(cache.classify_many(pictures, pytest.fail))) == 1


def test_a_damaged_cache_is_created_again(folder):
    classify(folder)
    content = (folder / "cache").read_bytes()
    for damaged in (content[:5000], content[:100] + b"x" * (len(content) - 100), content[:120]):
        (folder / "cache").write_bytes(damaged)
        warnings = []
        assert classify(folder, warnings=warnings) == "abcd"
        assert warnings == [f"{folder / 'cache'}: the cache is damaged, and is created again"]
        assert classify(folder) == ""


@pytest.mark.parametrize("content", [b"a photo", b"SQLite format 3\0" + bytes(200)])
def test_other_files_are_kept(folder, content):
    (folder / "cache").write_bytes(content)
    with pytest.raises(InputError, match="cache: is not a cache of imagemood, or damaged"):
        classify(folder)
    assert (folder / "cache").read_bytes() == content


def test_the_cache_of_a_later_version(folder):
    classify(folder)
    with closing(sqlite3.connect(folder / "cache")) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(InputError, match="has the format 2 of another version, not 1"):
        classify(folder)


def test_caches_that_cannot_be_opened(folder):
    with pytest.raises(InputError, match=r"absent/cache: the cache cannot be opened: unable to open"):
        classify(folder, cache="absent/cache")
    (folder / "folder").mkdir()
    with pytest.raises(InputError, match="folder: the cache cannot be opened: Is a directory"):
        classify(folder, cache="folder")


def test_a_cache_that_another_process_locks(folder, monkeypatch):
    monkeypatch.setattr("imagemood.prediction.result_cache._MAX_WAIT_S", 0)
    classify(folder, "ab")
    with closing(sqlite3.connect(folder / "cache", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        warnings = []
        assert classify(folder, warnings=warnings) == "cd"
        assert warnings == [f"{folder / 'cache'}: the cache is not used any more: database is locked"]


def test_several_processes_at_the_same_time(folder):
    program = """if True:
        import sys, json, numpy as np
        from imagemood.pictures.picture import Picture
        from imagemood.prediction.result import Result
        from imagemood.prediction.result_cache import ResultCache
        pictures = [Picture.from_address(name) for name in json.loads(sys.argv[2])]
        def classify(found):
            for picture in found:
                yield Result(picture.name, labels=("awe",), probabilities=np.ones(1))
        with ResultCache(__import__("pathlib").Path(sys.argv[1]), ["model"], sys.exit) as cache:
            assert len(list(cache.classify_many(pictures, classify))) == len(pictures)
        """
    names = [folder / f"{number}.jpg" for number in range(600)]
    for number, name in enumerate(names):
        write(name, str(number))
    listed = json.dumps([str(name) for name in names])
    command = [sys.executable, "-c", program, str(folder / "cache"), listed]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    with closing(sqlite3.connect(folder / "cache")) as connection:
        assert connection.execute("SELECT count(*) FROM pictures").fetchone() == (600,)
