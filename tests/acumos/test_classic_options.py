from __future__ import annotations

import pytest

from imagemood.acumos import classic_options


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("/usr/bin/classify_image", "classify_image"),
        ("classify_image.py", "python classify_image.py"),
        ("__main__.py", "classify_image"),
    ],
)
def test_the_help_shows_the_command_as_it_was_entered(program, shown, monkeypatch):
    monkeypatch.setattr("sys.argv", [program])
    text = classic_options.make_parser().format_help()
    assert text.startswith(f"usage: {shown} [-h]")
    assert f"  {shown} -l labels.txt -i tags.csv -d model " in text
    assert "--label-order" in text


def test_added_options_may_be_anywhere():
    options = classic_options.parse(["-l", "a", "--label-order", "sorted", "-i", "b", "--ca-file=c"])
    assert (options.labels, options.label_order, options.input, options.ca_file) == ("a", "sorted", "b", "c")
    assert classic_options.parse([]).ca_file is None


@pytest.mark.parametrize(
    "arguments",
    [["-s", "-3"], ["-s", "1.5"], ["--label-order", "up"], ["--ca-file"], ["--unknown"]],
)
def test_invalid_options(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        classic_options.parse(arguments)
    assert caught.value.code == 2
    assert "usage: " in capsys.readouterr().err


class TestOrderOfLabels:
    """The images with the tag cat come first in the file, and last in alphabetical order."""

    @pytest.mark.parametrize(("order", "joy"), [([], "cat"), (["--label-order", "sorted"], "dog")])
    def test_named_images(self, classify, order, joy):
        rows = "image,tag,score\nz,cat,1\ny,cat,0.5\nb,dog,1\na,dog,0.5\n"
        (classify.folder / "tags.csv").write_text(rows)
        (classify.folder / "order.txt").write_text("joy\njoy\nfear\nfear\n")
        done = classify("-i", "tags.csv", "-l", "order.txt", "-s", "1", *order)
        assert done.code == 0, done.err
        assert done.out.split("joy\n")[1].split() == ["1.500", joy]
        assert ("add --label-order sorted" in done.err) is (order == [])
        assert classify.repeat(done).split() == done.out.split()

    def test_numbered_images_are_in_ascending_order(self, classify):
        (classify.folder / "tags.csv").write_text("image,tag,score\n10,cat,1\n9,dog,1\n")
        (classify.folder / "order.txt").write_text("joy\nfear\n")
        done = classify("-i", "tags.csv", "-l", "order.txt", "-s", "1")
        assert done.out.split() == ["fear", "1.000", "cat", "joy", "1.000", "dog"]
        assert "--label-order" not in done.err
