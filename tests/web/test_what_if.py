from __future__ import annotations

import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER
from tests.web.conftest import displayed, displayed_moods, last_upload


@pytest.fixture
def page(open_page, service):
    page = open_page(service, reduced_motion="reduce")
    page.get_by_role("button", name="Chelsea").click()
    expect(page.locator(".bars li")).to_have_count(8)
    return page


def expect_moods(page, moods):
    first = max(moods, key=moods.get)
    expect(page.locator(".headline h2")).to_have_text(
        re.compile(f"^{first} {displayed(moods)[first]}%$", re.IGNORECASE)
    )
    assert displayed_moods(page) == displayed(moods)


def test_moods_from_the_tags_alone(page, cascade, cat):
    expect(page.locator(".tags")).to_contain_text("Tags do not matter for the moods above")
    page.get_by_role("button", name="Predict from the tags alone").click()
    notice = page.locator(".what-if")
    expect(notice).to_contain_text("the moods from the tags alone")
    expect(notice).to_contain_text(f"The picture as it is: {cat.mood} {displayed(cat.moods)[cat.mood]}%")
    expect(page.get_by_role("slider")).to_have_count(0)  # this model sees no regions
    alone = cascade.explain(cat)
    expect_moods(page, alone.tags_alone)

    off = list(cat.tags)[:2]
    for tag in off:
        page.locator(f'tr[data-tag="{tag}"]').get_by_role("switch").click()
    expect(notice).to_contain_text("from the tags alone and without 2 tags")
    expect(page.locator(".bars .previous").first).to_be_visible()
    expect_moods(page, cascade.explain(cascade.classify_without_tags(cat, off)).tags_alone)

    for n_off in (1, 0):
        page.get_by_role("button", name="Undo this change").click()
        expect(page.locator("tr.off")).to_have_count(n_off)
    expect_moods(page, alone.tags_alone)
    page.get_by_role("button", name="Undo this change").click()
    expect(notice).to_have_count(0)
    expect_moods(page, cat.moods)


def test_the_page_says_if_tags_hardly_matter(open_page, service, cascade, cat):
    """A model of tags and embedding hardly changes without a tag."""

    def weaken(route):
        response = route.fetch()
        content = response.json()
        explanation = content["results"][0]["explanation"]
        if "tags_only" not in route.request.url:
            explanation["tags_alone"] = None
            explanation["drops"] = {tag: drop / 50 for tag, drop in explanation["drops"].items()}
        route.fulfill(response=response, json=content)

    page = open_page(service, reduced_motion="reduce")
    page.route("**/v1/moods?*", weaken)
    page.get_by_role("button", name="Chelsea").click()
    expect(page.locator(".tags")).to_contain_text("Tags hardly matter for the moods above")
    page.get_by_role("button", name="Predict from the tags alone").click()
    expect(page.locator(".tags")).to_contain_text("The moods above follow from these tags alone.")
    expect_moods(page, cascade.explain(cat).tags_alone)
    page.get_by_role("button", name="Predict from the picture again").click()
    expect(page.locator(".what-if")).to_have_count(0)


def test_no_bar_stands_beside_a_contribution_of_zero(page):
    rows = page.locator("td.contribution")
    bars = {row.inner_text(): row.locator(".drop-bar span").count() for row in rows.all()}
    assert "0.0" in bars
    assert {text: n for text, n in bars.items() if n != (text != "0.0")} == {}


def open_painting(page):
    page.get_by_role("button", name="Paint over a part").click()
    canvas = page.get_by_label("Picture to paint on")
    expect(canvas).to_be_visible()
    return canvas


def painted_pixels(page):
    """Return the pixels that were uploaded last, and where they differ from the sample."""
    pixels = np.asarray(last_upload(page).convert("RGB")).astype(int)
    original = np.asarray(PIL.Image.open(FOLDER / "cat.jpg").convert("RGB")).astype(int)
    return pixels, np.abs(pixels - original).max(axis=2) > 4, original


def test_painting_with_the_keyboard_shows_what_a_region_contributes(page, cascade, cat):
    canvas = open_painting(page)
    page.get_by_label("Rectangle").check()
    page.get_by_label("Mean colour").check()
    canvas.focus()
    for key in ["ArrowLeft"] * 4 + ["Space"] + ["ArrowRight"] * 8 + ["ArrowDown"] * 10 + ["Enter"]:
        page.keyboard.press(key)
    contribution = page.locator(".contribution-of-region")
    expect(contribution).to_contain_text("without 5% of the picture")  # 0.2 × 0.25

    pixels, is_changed, original = painted_pixels(page)
    height, width = is_changed.shape
    inside = np.zeros_like(is_changed)
    inside[round(0.5 * height) : round(0.75 * height), round(0.4 * width) : round(0.6 * width)] = True
    assert is_changed[~inside].mean() < 0.01  # the edges
    assert np.abs(pixels[inside] - original.mean(axis=(0, 1))).mean() < 3
    moods = cascade.classify(last_upload(page)).moods
    expect_moods(page, moods)
    before, after = displayed(cat.moods)[cat.mood], displayed(moods)[cat.mood]
    expect(contribution).to_contain_text(f"{cat.mood.capitalize()}: {after}% instead of {before}%")

    page.get_by_role("button", name="Undo", exact=True).click()
    expect(contribution).to_be_empty()
    page.get_by_label("Brush").check()
    canvas.click()
    expect(contribution).to_contain_text("without 2% of the picture")  # a dot: π · 0.07² · 451 / 300
    canvas.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".what-if")).to_contain_text("without the painted part")
    for _ in range(2):
        page.get_by_role("button", name="Undo", exact=True).click()
    expect(contribution).to_be_empty()
    expect_moods(page, cat.moods)


def test_painting_with_the_pointer_fills_from_the_surroundings(page, cascade, cat):
    box = open_painting(page).bounding_box()
    x, y, width, height = (box[key] for key in ("x", "y", "width", "height"))
    page.mouse.move(x + 0.3 * width, y + 0.4 * height)
    page.mouse.down()
    page.mouse.move(x + 0.7 * width, y + 0.4 * height, steps=5)
    page.mouse.up()
    expect(page.locator(".what-if")).to_contain_text("without the painted part")
    expect(page.locator(".contribution-of-region")).to_contain_text("of the picture")
    pixels, is_changed, original = painted_pixels(page)
    rows, columns = np.nonzero(is_changed)
    centre = (rows.mean() / len(pixels), columns.mean() / len(pixels[0]))
    assert centre == pytest.approx((0.4, 0.5), abs=0.05)
    band = np.s_[int(0.35 * len(pixels)) : int(0.45 * len(pixels)), int(0.35 * len(pixels[0])) : -150]
    assert np.abs(np.diff(pixels[band], axis=1)).mean() < 0.5 * np.abs(np.diff(original[band], axis=1)).mean()
    moods = cascade.classify(last_upload(page)).moods
    expect_moods(page, moods)

    canvas = page.get_by_label("Picture to paint on")
    canvas.focus()
    page.keyboard.press("Escape")  # closes the tools, not the picture
    expect(canvas).to_have_count(0)
    expect(page.get_by_role("button", name="Paint over a part")).to_be_focused()
    page.get_by_role("button", name="Reset all changes").click()
    expect(page.locator(".what-if")).to_have_count(0)
    expect_moods(page, cat.moods)
    page.keyboard.press("Control+Z")
    expect(page.locator(".what-if")).to_contain_text("without the painted part")
    expect(page.locator(".contribution-of-region")).to_contain_text("of the picture")
    expect_moods(page, moods)
