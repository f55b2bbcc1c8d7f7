from __future__ import annotations

import sys

import jinja2
import pytest

from imagemood._templates import load_template
from imagemood.errors import MissingExtraError


@pytest.fixture
def render(tmp_path, monkeypatch):
    """Return a function that renders a template of a package."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pages", raising=False)

    def load_and_render(text, **values):
        (tmp_path / "pages" / "page.html.j2").write_text(text, "utf-8")
        return load_template("pages", "page.html.j2", extra="report").render(**values)

    return load_and_render


def test_values_are_escaped_and_shown_without_control_characters(render):
    assert render("{{ name }}", name="<b>&") == "&lt;b&gt;&amp;"
    assert render("{{ name | printable }} {{ 2 | printable }}", name="a\x1b[31m") == "a\\x1b[31m 2"


def test_a_value_that_is_not_given_is_an_error(render):
    with pytest.raises(jinja2.UndefinedError):
        render("{{ name }}")


def test_jinja_belongs_to_an_extra(render, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match=r"jinja2 is not installed .*\[report\]"):
        render("")
