"""The page as static files, which `imagemood page` writes, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER, all_samples
from tests.cli.commands import run
from tests.serve.serving import TOKEN, free_port, serving
from tests.web.conftest import choose, displayed, displayed_moods
from tests.web.static_files import serving_files


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, port):
    folder = tmp_path_factory.mktemp("site")
    completed = run("page", "-o", folder / "mood", "--service", f"http://127.0.0.1:{port}/")
    assert completed.returncode == 0, completed.stderr
    return folder


@pytest.fixture(scope="module")
def origin(folder):
    with serving_files(folder) as address:
        yield address


@pytest.fixture(scope="module")
def open_service(tmp_path_factory, origin, port):
    """The service that the page uses by default; it requires a token."""
    folder = tmp_path_factory.mktemp("open_service")
    (folder / "token").write_text(TOKEN)
    with serving(folder, "--cors", origin, "--cors", "null", "--token-file", "token", port=port) as running:
        yield running.address


def enter_token(page):
    page.get_by_label("This service requires an access token").fill(TOKEN)
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize("opened_as", ["file", "site"])
def test_the_page_works_from_anywhere(open_anywhere, open_service, folder, origin, cascade, cat, opened_as):
    page = open_anywhere(f"{origin}/mood/" if opened_as == "site" else (folder / "mood/index.html").as_uri())
    enter_token(page)
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))
    expect(page.locator("footer")).to_contain_text(f"Pictures are sent only to {open_service}")
    page.get_by_role("button", name="Chelsea").click()
    assert displayed_moods(page) == displayed(cat.moods)
    page.get_by_role("link", name="Developers").click()
    page.get_by_role("tab", name="Protobuf").click()
    page.get_by_label("Method").select_option("tag")
    choose(page, "Choose a picture", FOLDER / "cat.jpg")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message h2")).to_contain_text("ImageTagSet, 1,000 rows")


def test_the_parameter_selects_the_service(open_anywhere, open_service, origin, service, tmp_path, cat):
    with serving(tmp_path, "--cors", origin) as other:
        page = open_anywhere(f"{origin}/mood/?url-image={other.address}/")
        page.get_by_role("button", name="Chelsea").click()
        assert displayed_moods(page) == displayed(cat.moods)
        page = open_anywhere(f"{origin}/mood/?url-image={other.address}/model/methods/mood")
        expect(page.get_by_role("heading", name="Developers")).to_be_visible()
        expect(page.get_by_label("Message")).to_have_value("Image")
        choose(page, "Choose a picture", FOLDER / "cat.jpg")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".message h2")).to_contain_text("8 rows")
    page = open_anywhere(f"{origin}/mood/?url-image={service}")  # this service does not allow the page
    expect(page.get_by_role("alert")).to_contain_text(f"imagemood serve --cors {origin}")


def test_a_page_that_is_part_of_a_service_sends_pictures_only_there(open_anywhere, service):
    page = open_anywhere(f"{service}?url-image=http://127.0.0.1:9/#")
    page.get_by_role("link", name="Pictures").click()
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))
    expect(page.locator("footer")).to_contain_text("Pictures are sent only to this service")
