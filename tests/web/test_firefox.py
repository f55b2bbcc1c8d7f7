"""The main uses of the page in Firefox."""

from __future__ import annotations

import json

import pytest

from imagemood.pictures.samples import FOLDER, all_samples
from tests.firefox import firefox
from tests.web.conftest import displayed
from tests.web.films import N_SECONDS, PHOTOS, write_film

BARS = """Object.fromEntries([...document.querySelectorAll(".bars li")].map((bar) =>
    [bar.dataset.mood, bar.querySelector(".probability").innerText.split("%")[0]]))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with firefox(tmp_path_factory.mktemp("profile")) as started:
        yield started


def text(selector):
    return f"document.querySelector({json.dumps(selector)})?.innerText"


def button(name):
    """Return an expression for the button with a text."""
    return (
        f"[...document.querySelectorAll('button')].find((found) => found.innerText.startsWith({json.dumps(name)}))"
    )


def press(browser, name):
    browser.wait_for(f"{button(name)} && !{button(name)}.disabled")
    browser.evaluate(f"{button(name)}.click()")


def test_samples_and_own_pictures(browser, service, cat, cascade):
    browser.open(service)
    press(browser, "Chelsea")
    browser.wait_for("document.querySelectorAll('.bars li').length === 8")
    assert browser.evaluate(BARS) == displayed(cat.moods)
    browser.wait_for("document.querySelector('.heat-map')?.complete")
    browser.evaluate("history.back()")
    browser.wait_for("document.querySelector('.samples') !== null")
    browser.choose_file("input[type=file]", FOLDER / "coffee.jpg")
    moods = cascade.classify(FOLDER / "coffee.jpg").moods
    browser.wait_for(f"{text('.headline h2')}?.startsWith({json.dumps(next(iter(moods)).capitalize())})")
    browser.wait_for("document.querySelectorAll('.bars li').length === 8")
    assert browser.evaluate(BARS) == displayed(moods)


def test_album(browser, service):
    browser.open(f"{service}#/samples")
    browser.wait_for(f"document.querySelectorAll('.tiles .caption .face').length === {len(all_samples())}")


def test_webcam(browser, service):
    browser.open(f"{service}#/live")
    press(browser, "Start the webcam")
    browser.wait_for(f"{text('.rate')}?.includes('frames per second')")
    press(browser, "Stop")


def test_video(browser, service, tmp_path):
    browser.open(f"{service}#/live")
    browser.choose_file("input[type=file]", write_film(tmp_path / "film.webm"))
    press(browser, "Scan the whole film")
    browser.wait_for(f"{text('.video-status')}?.startsWith('{N_SECONDS} frames classified.')")
    assert browser.evaluate("document.querySelectorAll('.video-faces span').length") == len(PHOTOS)


def test_developers(browser, service, cat):
    browser.open(f"{service}#/developers")
    browser.choose_file("input[type=file]", FOLDER / "cat.jpg")
    browser.wait_for(f"{text('form')}?.includes('cat.jpg')")
    press(browser, "Send")
    response = json.loads(browser.wait_for(text(".response")))
    assert response["results"][0]["moods"] == pytest.approx(cat.moods, abs=1e-6)
    browser.click("[data-tab=protobuf]")
    press(browser, "Send")
    browser.wait_for(f"{text('.message h2')}?.includes('8 rows')")
