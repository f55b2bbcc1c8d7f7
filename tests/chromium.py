"""Starts Chromium for tests that check pages."""

from __future__ import annotations

import os
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
