"""The documentation site is complete, all its links work, and it needs no other host, not even for searching."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.chromium import chromium

ROOT = Path(__file__).parent.parent
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "srcset", "video": "src"}
"""The elements for which a browser loads a file, and the attribute that names it."""
LINK_TYPES = {"stylesheet", "preload", "modulepreload", "icon", "preconnect", "dns-prefetch", "manifest"}


class Page(HTMLParser):
    """The anchors of a page, its links, and the files that it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and "href" in attributes:
            self.links.add(attributes["href"])
        if tag in LOADED and attributes.get(LOADED[tag]):
            self.loaded.add(attributes[LOADED[tag]])
        if tag == "link" and LINK_TYPES & set(attributes["rel"].split()):
            self.loaded.add(attributes["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site") / "html"
    command = (sys.executable, "-m", "sphinx", "--builder", "html", "--fail-on-warning", "--quiet", "docs", folder)
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert built.stderr == ""
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def is_remote(link: str) -> bool:
    return bool(urlsplit(link).netloc)


def test_every_page_of_the_documentation_is_in_the_site(pages, site):
    sources = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert {site / source.with_suffix(".html") for source in sources} <= set(pages)


def test_all_links_between_pages_work(pages):
    """Sphinx checks only the links in the text, and not those of the theme."""
    broken = []
    for path, page in pages.items():
        for link in (link for link in page.links | page.loaded if not is_remote(link)):
            parts = urlsplit(link)
            if parts.scheme in ("data", "mailto"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_missing = not target.is_file() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors
            )
            broken += [f"{path.name}: {link}"] if is_missing else []
    assert broken == []


def test_no_page_loads_anything_from_another_host(pages, site):
    assert not {link for page in pages.values() for link in page.loaded if is_remote(link)}
    for sheet in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//[^)]*", sheet.read_text("utf-8")), sheet


@pytest.mark.parametrize("package", ["imagemood", "imagemood.learning", "imagemood.tables", "imagemood.visual"])
def test_the_reference_describes_the_public_names(pages, package):
    anchors = {anchor for path, page in pages.items() if path.parent.name == "api" for anchor in page.anchors}
    public = importlib.import_module(package)
    names = {
        name
        for name in public.__all__
        if inspect.isclass(getattr(public, name)) or inspect.isroutine(getattr(public, name))
    }
    assert names
    assert {f"{package}.{name}" for name in names} <= anchors, "add the name to a page in docs/api/"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def test_the_search_works_without_a_server(browser, site):
    page = browser.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{(site / 'search.html').as_uri()}?q=arousal")
    page.locator("#search-results li a", has_text="Glossary").first.wait_for()
    page.locator("#search-results li a", has_text="Glossary").first.click()
    page.wait_for_url("**/glossary.html*")
    # A browser does not let a page in a file read others, so there are no excerpts, which a server would provide.
    assert set(errors) <= {"Failed to fetch"}
    assert {urlsplit(url).scheme for url in requests} <= {"file", "data"}
    page.close()


@pytest.mark.parametrize(("name", "scheme"), [("index", "light"), ("tutorial", "dark"), ("architecture", "light")])
def test_pages_are_accessible(browser, site, name, scheme):
    page = browser.new_page(color_scheme=scheme)
    page.goto((site / f"{name}.html").as_uri())
    violations = Axe().run(page).response["violations"]
    page.close()
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in violations] == []


def test_pages_fit_wide_and_narrow_windows(browser, site, pages):
    """Wide tables and code scroll by themselves, and not the whole page."""
    page = browser.new_page(java_script_enabled=False)  # loads faster
    too_wide = []
    for path in pages:
        page.goto(path.as_uri(), wait_until="load")
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            if not fits(page, width):
                too_wide.append(f"{path.relative_to(site)} at {width} pixels")
    page.close()
    assert too_wide == []


def fits(page, width):
    """Return whether a page fits the window, once its layout has followed the new size of the window."""
    for _ in range(100):
        page_width, window_width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if page_width <= window_width == width:
            return True
        page.wait_for_timeout(20)
    return False
