from __future__ import annotations

import pytest

from imagemood.cli import page
from tests.cli.commands import run, run_failing


def test_the_page_is_written_beside_other_files(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    completed = run("page", "-o", tmp_path, "--service", 'https://moods.example/a?b="><script>')
    assert (completed.returncode, completed.stdout) == (0, b"")
    assert {path.name for path in tmp_path.iterdir()} == {"mine.txt", "index.html", "icon.svg"}
    text = (tmp_path / "index.html").read_text("utf-8")
    setting = '<meta name="imagemood-service" content="https://moods.example/a?b=&quot;&gt;&lt;script&gt;" />'
    assert text.count(setting) == 1
    assert text.replace(setting, "") == (page.SOURCE / "index.html").read_text("utf-8")
    assert "src=" not in text.partition("<script")[0]  # everything is in one file


@pytest.mark.parametrize(
    "service", ["moods.example", "file:///etc/passwd", "http://", "http://host:port/", "ftp://a/"]
)
def test_the_service_must_have_a_valid_address(tmp_path, service):
    message = f"{service}: not the URL of a service over HTTP or HTTPS"
    run_failing("page", "-o", tmp_path / "page", "--service", service, code=2, message=message)
    assert not (tmp_path / "page").exists()


def test_an_installation_without_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "SOURCE", tmp_path / "missing")
    message = "this installation does not contain the web page (run make page in a clone)"
    run_failing("page", "-o", tmp_path / "page", code=2, message=message)
