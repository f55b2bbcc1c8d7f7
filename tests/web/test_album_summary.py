from __future__ import annotations

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples


@pytest.fixture(scope="module")
def results(cascade):
    """The predictions for the samples, by title."""
    return {sample.title: cascade.classify(sample.path) for sample in all_samples()}


@pytest.fixture
def album(page):
    """The page with the album of all samples."""
    page.get_by_role("button", name="Open all").click()
    expect(page.locator(".tiles li[data-mood]")).to_have_count(len(all_samples()))
    page.locator(".plot").wait_for()
    return page


def titles(page):
    return set(page.locator(".tiles .file").all_inner_texts())


def test_sentence_and_bar_state_the_shares_of_the_moods(album, results):
    shares = {mood: n / len(results) for mood, n in Counter(result.mood for result in results.values()).items()}
    bar = album.get_by_role("img", name="Shares of the moods")
    labels = dict(re.findall(r"(\w+) (\d+)%", bar.get_attribute("aria-label").split(": ")[1]))
    assert labels == {mood: str(int(100 * share + 0.5)) for mood, share in shares.items()}
    widths = {
        part.get_attribute("data-mood"): part.bounding_box()["width"] for part in bar.locator("[data-mood]").all()
    }
    total = sum(widths.values())
    assert {mood: width / total for mood, width in widths.items()} == pytest.approx(shares, abs=0.01)
    largest = max(shares.values())
    first = {mood for mood, share in shares.items() if share == largest}
    verdict = album.locator(".verdict").inner_text()
    assert verdict.startswith("Mostly ")
    assert f"{100 * largest:.0f}%" in verdict
    assert all(mood in verdict for mood in first)


def test_dots_are_shown_opened_and_selected(album, results):
    plot = album.locator(".plot")
    plot.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown"):
        album.keyboard.press(key)
    described = plot.locator("[aria-live]").inner_text()
    title = described.split(":")[0]
    affect = results[title].affect
    for value in (affect.valence, affect.arousal):
        assert f"{value:+.2f}".replace("-", "−") in described

    ring = plot.locator(".ring").bounding_box()
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    album.keyboard.press("Escape")
    expect(plot.locator(".tooltip")).to_have_count(0)
    album.mouse.move(x, y)
    expect(plot.locator(".tooltip .file")).to_have_text(title)
    expect(plot.locator(".tooltip img")).to_be_visible()

    album.mouse.move(x - 20, y - 20)
    album.mouse.down()
    album.mouse.move(x + 30, y + 25, steps=3)
    album.mouse.up()
    expect(album).to_have_url(re.compile("region="))
    fields = ("Lowest valence", "Highest valence", "Lowest arousal", "Highest arousal")
    low_v, high_v, low_a, high_a = (float(album.get_by_label(label).input_value()) for label in fields)
    inside = {
        name
        for name, result in results.items()
        if low_v <= result.affect.valence <= high_v and low_a <= result.affect.arousal <= high_a
    }
    assert title in inside
    assert titles(album) == inside
    album.get_by_role("button", name="Clear the selection").click()
    assert titles(album) == set(results)

    album.get_by_text("Select by valence and arousal").click()
    album.get_by_label("Highest valence").fill("-0.1")
    album.get_by_label("Highest valence").press("Enter")
    expect(album.locator(".tiles li")).to_have_count(
        sum(result.affect.valence <= -0.1 for result in results.values())
    )
    album.go_back()
    assert titles(album) == set(results)
    album.mouse.click(x, y)
    expect(album.locator(".detail")).to_have_attribute("aria-label", f"Mood of {title}")
