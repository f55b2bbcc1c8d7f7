from __future__ import annotations

from imagemood.cli.pictures import find_pictures, successful_results, without_duplicates
from imagemood.errors import ImageError
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result


def test_pictures_of_several_arguments(photos):
    pictures = find_pictures([str(photos / "rocket.jpg"), str(photos), "absent.jpg"])
    names = [str(photos / name) for name in ("rocket.jpg", "chelsea.png", "coffee.png", "rocket.jpg")]
    assert [picture.name for picture in pictures] == [*names, "absent.jpg"]


def test_the_first_picture_of_each_name_is_kept():
    pictures = [
        Picture.from_bytes(content, name=name) for name, content in (("a", b"1"), ("b", b"2"), ("a", b"3"))
    ]
    assert without_duplicates(pictures) == pictures[:2]


def test_failed_results_are_reported_and_the_others_returned(capsys):
    good = [Result("a.jpg"), Result("c.jpg")]
    failed = Result("b.jpg", error=ImageError("empty file", where="b.jpg"))
    calls, errors = [], []
    results = successful_results(iter([good[0], failed, good[1]]), 3, lambda *call: calls.append(call), errors)
    assert list(results) == good
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert errors == [failed.error]
    assert capsys.readouterr().err == "error: b.jpg: empty file\n"
