from __future__ import annotations

import re

import PIL.Image
import pytest
from playwright.sync_api import expect

from tests.web.conftest import choose

CARD_SIZE = (1200, 630)


def result_text(name, result):
    moods = ", ".join(f"{mood} {percent(probability)}" for mood, probability in result.moods.items())
    valence, arousal = (
        f"{value:+.2f}".replace("-", "−") for value in (result.affect.valence, result.affect.arousal)
    )
    return f"{name}: {moods}; valence {valence}, arousal {arousal}"


def percent(probability):
    return "<1%" if 0 < probability < 0.005 else f"{int(100 * probability + 0.5)}%"


@pytest.fixture
def unusual_pictures(tmp_path):
    """A very wide, a very tall and an unreadable picture for the browser, and the colour of each on the card."""
    long_name = f"{'Urlaub mit Großmutter ' * 8}\u202egpj.jpg"
    PIL.Image.new("RGB", (1500, 60), (200, 30, 30)).save(tmp_path / long_name)
    PIL.Image.new("RGB", (60, 1500), (30, 30, 200)).save(tmp_path / "a b?\n=1+1.png")
    PIL.Image.new("RGB", (300, 300), (30, 200, 30)).save(tmp_path / "scan.tiff")
    return [
        (tmp_path / long_name, "Urlaub mit Großmutter Urlaub mit Großmutter Urlaub mit Großm-mood.jpg", "red"),
        (tmp_path / "a b?\n=1+1.png", "a b_=1+1-mood.jpg", "blue"),
        (tmp_path / "scan.tiff", "scan-mood.jpg", None),
    ]


def test_cards_of_unusual_pictures(page, unusual_pictures, tmp_path):
    for path, name, colour in unusual_pictures:
        choose(page, "Choose pictures", path)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as picture").click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / "card.jpg")
        with PIL.Image.open(tmp_path / "card.jpg") as card:
            assert card.size == CARD_SIZE
            red, _, blue = card.convert("RGB").getpixel((300, 315))
            right_edge = card.convert("L").crop((1160, 0, 1200, 630))
        if colour:
            assert (red > 2 * blue) == (colour == "red")
        assert right_edge.getextrema()[0] > 240  # the text does not reach the edge


def test_text_of_a_picture_is_copied_and_shared(page, cat):
    page.get_by_role("button", name="Chelsea").click()
    title = page.locator(".detail").get_attribute("aria-label").removeprefix("Mood of ")
    copy = page.get_by_role("button", name="Copy as text")
    copy.click()
    actions = page.get_by_role("region", name="Keep or share")
    expect(actions).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == result_text(title, cat)
    assert page.get_by_role("button", name="Share", exact=True).count() == 0  # the system has no share sheet

    # Pages without HTTPS have no clipboard, and browsers may refuse to copy.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.addEventListener('copy', () => window.copied = String(document.activeElement.value))")
    copy.click()
    expect(actions).to_contain_text("Copied.")
    assert page.evaluate("copied") == result_text(title, cat)
    page.evaluate("document.execCommand = () => false")
    copy.click()
    expect(actions.get_by_role("textbox")).to_be_focused()
    assert page.evaluate("String(getSelection())") == result_text(title, cat)


def test_card_is_shared_with_the_system(page):
    page.add_init_script(
        """navigator.canShare = ({files}) => files[0].type === 'image/jpeg';
        navigator.share = async ({files, text}) => {
            document.title = `${files[0].name} ${text}`;
            throw new DOMException('', 'AbortError');
        };"""
    )
    page.reload()
    page.get_by_role("button", name="Chelsea").click()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page).to_have_title(re.compile(r"-mood\.jpg .+: contentment 93%, "))
    expect(page.get_by_role("alert")).to_have_count(0)  # the user has closed the sheet
