"""Progress bars in terminals and notebooks, and none elsewhere."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from imagemood.prediction import progress
from imagemood.prediction.cascade import Cascade


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "is_shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_a_bar_is_shown_only_in_a_terminal(monkeypatch, stream, is_shown):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    assert list(progress.track(iter("abc"), 3, True)) == ["a", "b", "c"]
    assert ("3/3" in stream.getvalue()) == is_shown
    assert (stream.getvalue() == "") == (not is_shown)


def test_nothing_is_shown_without_standard_error_or_if_not_requested(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert list(progress.track(iter("abc"), None, True)) == ["a", "b", "c"]
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress.track(iter("abc"), None, False)) == ["a", "b", "c"]
    assert terminal.getvalue() == ""


def test_a_notebook_shows_an_element_of_html(monkeypatch):
    shown = []
    handle = SimpleNamespace(update=shown.append)
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    display = SimpleNamespace(HTML=str, display=lambda html, **_: shown.append(html) or handle)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    results = progress.track(iter("abc"), 3, True)
    next(results)
    results.close()
    assert shown[0] == "0 pictures"
    assert shown[-1] == '<progress value="1" max="3"></progress> 1 of 3 pictures'
    list(progress.track(iter("ab"), None, True))
    assert shown[-1] == "2 pictures"


def test_a_function_is_called_after_each_picture(sample_photos):
    calls = []
    cascade = Cascade.load(n_workers=1)
    paths = [sample_photos / "coffee.png", None]
    list(cascade.classify_many(paths, (), progress=lambda n_done, total: calls.append((n_done, total))))
    list(cascade.tag_many(iter(paths), progress=lambda n_done, total: calls.append((n_done, total))))
    assert calls == [(1, 2), (2, 2), (1, None), (2, None)]
