"""Starts Chromium for tests that check pages."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def chromium(*flags):
    """Start the installed Chromium with extra command-line flags."""
    if PROGRAM is None:
        # Continuous integration must run these tests; a contributor's machine may lack a browser.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=[*FLAGS, *flags])
        yield browser
        browser.close()


def open_standalone(browser, file, width, scheme):
    """Open a page that must load nothing else, fit the width, and show dark text on light paper or vice versa."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requested, messages = [], []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.goto(file.as_uri())
    assert messages == []
    assert {url.split(":")[0] for url in requested} <= {"file", "data"}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colours = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    ink, paper = (sum(map(int, re.findall(r"\d+", colour)[:3])) / 3 for colour in colours)
    assert abs(ink - paper) > 180
    return page
