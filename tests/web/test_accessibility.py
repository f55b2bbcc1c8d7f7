"""Accessibility of every view: the rules of axe in all themes, headings, focus, and forced colours."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples
from tests.serve.serving import TOKEN, serving
from tests.web.conftest import choose

THEMES = [("light", "none"), ("dark", "none"), ("dark", "active")]


def start(page):
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))


def picture(page):
    expect(page.get_by_role("switch").first).to_be_visible()
    expect(page.locator(".heat-map")).to_be_visible()


def album(page):
    expect(page.locator(".tiles .caption .face")).to_have_count(len(all_samples()))


def comparison(page):
    expect(page.locator(".bars li, table tr").first).to_be_visible()


def live(page):
    page.get_by_role("button", name="Start the webcam").click()
    expect(page.locator(".bars li")).to_have_count(8)


def json_tab(page):
    choose(page, "Choose a picture", all_samples()[0].path)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="Response")).to_be_visible()


def protobuf_tab(page):
    page.get_by_role("tab", name="Protobuf").click()
    page.get_by_label("Method").select_option("classify")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message tbody tr")).to_have_count(8)


def missing_sample(page):
    expect(page.get_by_role("alert")).to_be_visible()


VIEWS = {
    "": start,
    "#/sample/cat": picture,
    "#/samples": album,
    "#/compare/cat/coffee": comparison,
    "#/live": live,
    "#/developers": json_tab,
    "#developers": protobuf_tab,
    "#/sample/missing": missing_sample,
}


def check(page):
    assert page.locator("h1").count() == 1
    problems = []
    for scheme, forced_colors in THEMES:
        page.emulate_media(color_scheme=scheme, forced_colors=forced_colors)
        # Only contrast depends on the theme.
        options = None if (scheme, forced_colors) == THEMES[0] else {"runOnly": ["color-contrast"]}
        violations = Axe().run(page, options=options).response["violations"]
        problems += [(scheme, forced_colors, found["id"], found["nodes"]) for found in violations]
    assert problems == []


@pytest.mark.parametrize("address", VIEWS)
def test_axe_finds_nothing_in_any_view_and_theme(open_page, service, address):
    page = open_page(f"{service}{address}", reduced_motion="reduce")
    VIEWS[address](page)
    check(page)


def test_axe_finds_nothing_in_the_form_for_the_token_and_without_a_service(open_page, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    with serving(tmp_path, "--token-file", "token") as served:
        page = open_page(served.address)
        expect(page.get_by_label("This service requires an access token")).to_be_visible()
        check(page)
    page.get_by_label("This service requires an access token").fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Cannot reach")
    check(page)


def test_the_focus_moves_to_the_content_of_another_view(page):
    for name, title in (("Developers", "Developers · imagemood"), ("Live", "Live · imagemood")):
        page.get_by_role("link", name=name).press("Enter")
        expect(page.locator("main")).to_be_focused()
        expect(page).to_have_title(title)
    page.get_by_role("link", name="Pictures").press("Enter")
    page.get_by_role("button", name="Chelsea").press("Enter")
    expect(page.locator(".headline")).to_be_visible()
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    expect(page).to_have_title("Chelsea the cat · imagemood")


def pixels(locator):
    """Return what is displayed of an element as an array of (height, width, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(locator.screenshot())).convert("RGB")).astype(int)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_show_bars_and_switches(open_page, service, scheme, cat):
    media = {"forced_colors": "active", "color_scheme": scheme, "reduced_motion": "reduce"}
    page = open_page(f"{service}#/sample/cat", **media)
    picture(page)
    text, background = (255, 0) if scheme == "dark" else (0, 255)
    for mood, probability in cat.moods.items():
        row = pixels(page.locator(f"[data-mood={mood}] .track"))
        middle = row[len(row) // 2, 2:-2, 0]
        assert np.mean(abs(middle - text) < abs(middle - background)) == pytest.approx(probability, abs=0.05)
    for switch_on in (True, False):
        switch = page.get_by_role("switch").first
        switch.set_checked(switch_on)
        row = pixels(switch)[10]
        changes = np.abs(np.diff(row, axis=0)).sum(axis=1) > 100
        assert changes.sum() >= 3  # at the border, and at both sides of the knob
    bars = [pixels(bar)[:, :, 0] for bar in page.locator(".drop-bar").all()[:3]]
    assert all(np.ptp(bar) > 200 for bar in bars)
    border = "e => [getComputedStyle(e).borderTopWidth, getComputedStyle(e).borderTopColor].join()"
    nav, bars = page.locator("nav"), page.locator(".bars")
    for selected, other in (
        (nav.locator("[aria-current]"), nav.locator("a:not([aria-current])")),
        (bars.locator("[aria-pressed=true]"), bars.locator("[aria-pressed=false]")),
    ):
        assert selected.first.evaluate(border) != other.first.evaluate(border)
    primary = pixels(page.locator("button.primary").first)[5:-5, 20:-20]
    assert np.ptp(primary[..., 0]) > 200  # its text is visible
