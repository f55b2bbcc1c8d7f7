"""Addresses of the views, and the history of the tab."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples
from tests.web.conftest import choose

N_SAMPLES = len(all_samples())


@pytest.fixture
def folder(photos, tmp_path):
    """A folder with three photos."""
    for i, name in enumerate(("chelsea.png", "coffee.png", "rocket.jpg")):
        (tmp_path / f"{i}{photos[name].suffix}").write_bytes(photos[name].read_bytes())
    return tmp_path


def heading(page):
    return page.locator(".headline h2")


def hash_of(page):
    return page.evaluate("location.hash")


def is_finished(page):
    expect(page.locator(".gallery").get_by_text(re.compile(r"\d classified$"))).to_be_visible()


def test_back_forward_and_keys_go_through_an_album(page, folder):
    choose(page, "Folder", folder)
    is_finished(page)
    page.get_by_label("Sort by").select_option("name")
    assert hash_of(page) == "#/album?sort=name"
    page.get_by_role("button", name=re.compile(r"1\.png")).click()
    expect(page.locator("figcaption").first).to_contain_text("1.png")
    assert hash_of(page) == "#/picture/2?sort=name"

    page.keyboard.press("ArrowRight")
    expect(page.locator("figcaption").first).to_contain_text("2.jpg")
    expect(page.get_by_role("button", name="Next picture")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("figcaption").first).to_contain_text("0.png")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="3 pictures")).to_be_visible()
    assert hash_of(page) == "#/album?sort=name"

    page.go_forward()  # Escape went back
    expect(page.locator("figcaption").first).to_contain_text("0.png")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="What mood")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="3 pictures")).to_be_visible()


def test_back_returns_to_the_album_that_was_replaced(page, folder, photos):
    choose(page, "Folder", folder)
    is_finished(page)
    choose(page, "Choose pictures", photos["astronaut.png"])
    expect(heading(page)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="3 pictures")).to_be_visible()
    page.go_forward()
    expect(page.locator("figcaption").first).to_contain_text("astronaut.png")


def test_scroll_position_and_focus_are_restored(open_page, service):
    page = open_page(service, viewport={"width": 500, "height": 500})
    page.get_by_role("button", name="Open all").click()
    is_finished(page)
    expect(page.locator(".summary canvas")).to_be_visible()  # appears above the tiles
    tile = page.locator(".tiles button").last
    tile.hover()  # waits until it no longer moves
    position = page.evaluate("scrollY")
    assert position > 100
    name = tile.locator(".file").inner_text()
    tile.dispatch_event("click")
    expect(heading(page)).to_be_visible()
    assert page.evaluate("scrollY") < position
    page.go_back()
    expect(page.get_by_role("button", name=name)).to_be_focused()
    assert page.evaluate("scrollY") == pytest.approx(position, abs=2)
    page.get_by_role("link", name="Live").dispatch_event("click")  # without scrolling to it
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    page.go_back()
    expect(tile).to_be_in_viewport()
    assert page.evaluate("scrollY") == pytest.approx(position, abs=2)


@pytest.mark.parametrize("address", ["#/sample/cat", "#/samples?sort=name", "#/live", "#live", "#/developers"])
def test_links_and_reload_open_the_view(open_page, service, address):
    page = open_page(service + address)
    for _ in range(2):
        if "sample/" in address:
            expect(page.locator("figcaption").first).to_contain_text("Chelsea")
            expect(heading(page)).to_be_visible()
        elif "samples" in address:
            is_finished(page)
            names = page.locator(".tiles .file").all_inner_texts()
            assert names == sorted(names, key=str.lower)
            assert len(names) == N_SAMPLES
        else:
            title = address.strip("#/").capitalize()
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        page.reload()


def test_an_unknown_sample_and_a_closed_album_are_explained(open_page, service):
    page = open_page(f"{service}#/sample/nobody")
    expect(page.get_by_role("alert")).to_contain_text("no sample named “nobody”")
    page.evaluate("location.hash = '#/picture/7'")
    expect(page.get_by_role("status")).to_contain_text("Choose the pictures or the folder again")


COUNT_KEPT = """() => new Promise(resolve => {
    const request = indexedDB.open("imagemood-albums");
    request.onsuccess = () => {
        const keys = request.result.transaction("pictures").objectStore("pictures").getAllKeys();
        keys.onsuccess = () => resolve(keys.result.length);
    };
})"""


def wait_until_kept(page, n):
    deadline = time.monotonic() + 15
    while page.evaluate(COUNT_KEPT) != n:
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


def test_an_album_survives_a_reload_but_not_its_tab(page, folder, service):
    choose(page, "Folder", folder)
    is_finished(page)
    page.get_by_label("Sort by").select_option("name")
    tiles = page.locator(".tiles li").all_inner_texts()
    wait_until_kept(page, 1 + 3)
    page.reload()
    is_finished(page)
    assert page.locator(".tiles li").all_inner_texts() == tiles
    expect(page.locator(".tiles img").first).to_have_js_property("complete", True)
    page.get_by_role("button", name=re.compile(r"1\.png")).click()
    expect(heading(page)).to_be_visible()
    mood = heading(page).inner_text()
    page.reload()
    expect(heading(page)).to_have_text(mood)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="3 pictures")).to_be_visible()

    context = page.context
    page.close()
    later = context.new_page()
    later.goto(service)
    wait_until_kept(later, 0)
