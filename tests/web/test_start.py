from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples
from tests.web.conftest import displayed_moods

MEANINGS = {"amusement": "funny", "awe": "Wonder at something vast", "fear": "Danger or threat"}


@pytest.fixture
def page(open_page, service):
    page = open_page(service, reduced_motion="reduce")
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))
    return page


def titles(locator):
    return [re.sub(r"\s*An example of.*", "", text) for text in locator.all_text_contents()]


def test_all_samples_are_marked_with_their_mood(page):
    buttons = page.locator(".samples .sample")
    assert sorted(titles(buttons)) == sorted(sample.title for sample in all_samples())
    for sample in all_samples():
        button = page.locator(".samples").get_by_role("button", name=f"{sample.title} An example of {sample.mood}")
        expect(button.locator(".thumbnail .face")).to_be_visible()
    moods = [re.search(r"An example of (\w+)", text)[1] for text in buttons.all_text_contents()]
    assert list(dict.fromkeys(moods)) == list(page_order(page))
    authors = page.locator(".credits")
    authors.locator("summary").click()
    for sample in all_samples():
        expect(authors.get_by_text(f"{sample.title}: {sample.source} · {sample.licence}")).to_be_visible()


def page_order(page):
    return [text.lower() for text in page.locator(".mood-list button").all_text_contents()]


def test_each_mood_says_what_it_means_and_opens_an_example(page):
    meaning = page.locator(".mood-meaning")
    expect(meaning).to_contain_text(MEANINGS["amusement"])  # the first one, before anything is done
    page.get_by_role("button", name="Awe", exact=True).hover()
    expect(meaning).to_contain_text(MEANINGS["awe"])
    page.get_by_role("button", name="Fear", exact=True).focus()
    expect(meaning).to_contain_text(MEANINGS["fear"])
    expect(meaning).to_contain_text("It is unpleasant and exciting.")
    for mood in page_order(page):
        button = page.get_by_role("button", name=mood.capitalize(), exact=True)
        button.dispatch_event("click")  # as on a touch screen, without a pointer over it
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(meaning.locator("h2")).to_have_text(mood.capitalize())
        examples = {sample.title for sample in all_samples() if sample.mood == mood}
        expect(meaning.locator(".sample")).to_have_count(2)
        assert set(titles(meaning.locator(".sample"))) <= examples
        assert meaning.locator("p").inner_text().strip()
    meaning.locator(".sample").first.click()
    assert max(displayed_moods(page).items(), key=lambda item: int(item[1].replace("<", "")))[0] == mood
