"""Modules that are slow to import are imported only when a picture needs them."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("boto3", "httpx", "obstore", "pyarrow", "tenacity")


def imported(code: str) -> set[str]:
    """Run code in a new process, and return which of the slow modules it imports."""
    code = f"import sys\n{code}\nprint(*[name for name in {SLOW} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_finding_pictures_imports_none_of_them():
    sources = ["a.jpg", "b.png/", "folder", "*.jpg", "-", "https://example.org/a.jpg"]
    code = f"from imagemood.pictures.finding.sources import find_pictures\nfind_pictures({sources!r})"
    assert imported(code) == set()


def test_reading_local_pictures_imports_none_of_them(tmp_path):
    (tmp_path / "a.jpg").touch()
    code = (
        "from imagemood.pictures.finding.sources import find_pictures\n"
        f"assert find_pictures([{str(tmp_path)!r}])[0].read() == b''"
    )
    assert imported(code) == set()


def test_tables_import_pyarrow_alone(tmp_path):
    (tmp_path / "list.csv").write_text("path\na.jpg\n")
    code = "from imagemood.pictures.finding.sources import find_pictures\n"
    assert imported(code + f"find_pictures([{str(tmp_path / 'list.csv')!r}], 'path')") == {"pyarrow"}
