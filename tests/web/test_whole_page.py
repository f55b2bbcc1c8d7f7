from __future__ import annotations

import gzip
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples
from tests.serve.serving import serving
from tests.web.conftest import PAGE, choose, displayed

MAX_HOME_BYTES = 150_000


def test_home_view_downloads_little(page, service):
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))
    names = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    names = [service, *(name for name in names if name.startswith("http"))]
    on_demand = re.compile("developers|detail|comparison")  # such as the protobuf library
    assert [name for name in names if "/assets/" in name and on_demand.search(name)] == []
    n_bytes = 0
    for name in names:
        request = urllib.request.Request(name, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as response:
            n_bytes += len(response.read())
    assert n_bytes < MAX_HOME_BYTES


def test_assets_are_served_compressed(service):
    for path in PAGE.parent.rglob("*"):
        if path.suffix in {".js", ".css"}:
            url = service + path.relative_to(PAGE.parent).as_posix()
            with urllib.request.urlopen(
                urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
            ) as response:
                assert response.headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(response.read()) == path.read_bytes()


def home(page):
    expect(page.locator(".samples img[src]")).to_have_count(len(all_samples()))


def detail(page):
    page.get_by_role("button", name="Chelsea").click()
    page.get_by_role("switch").first.click()
    page.get_by_role("button", name="Paint over a part").click()
    page.get_by_role("button", name="Predict from the tags alone").click()
    expect(page.get_by_label("Picture to paint on")).to_be_visible()
    expect(page.locator(".what-if")).to_contain_text("tags alone")


def gallery(page):
    page.get_by_role("button", name="Open all").click()
    expect(page.get_by_role("status")).to_have_text(f"{len(all_samples())} classified")


def comparison(page):
    page.goto(f"{page.url}#/compare/cat/coffee")
    expect(page.locator(".differences tbody tr")).to_have_count(8)


def live(page):
    page.get_by_role("link", name="Live").click()
    page.get_by_role("button", name="Start the webcam").click()
    expect(page.locator(".bars li")).to_have_count(8)
    page.get_by_role("button", name="Stop").wait_for()


def developers(page):
    page.get_by_role("link", name="Developers").click()
    page.get_by_role("tab", name="Protobuf").click()
    page.get_by_label("Method").select_option("classify")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message tbody tr")).to_have_count(8)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
@pytest.mark.parametrize("view", [home, detail, gallery, comparison, live, developers])
def test_views_fit_the_window(open_page, service, view, width, scheme):
    page = open_page(
        service, viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    view(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) < 300) == (scheme == "dark")


def tab_to(page, name):
    """Press Tab until an element with this name has the focus, and check that the focus is visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
                const e = document.activeElement;
                const labels = [...(e.labels ?? [])].map(label => label.textContent);
                const ring = getComputedStyle(e).outlineStyle !== "none";
                return [`${labels} ${e.textContent} ${e.getAttribute("aria-label") ?? ""}`, ring];
            }"""
        )
        if name in focused[0]:
            assert focused[1]
            return
    pytest.fail(f"Tab does not reach {name}")


def test_page_works_with_the_keyboard_alone(page, cascade, cat):
    first, second = list(cat.moods)[:2]
    home(page)
    tab_to(page, "Skip")
    page.keyboard.press("Enter")
    tab_to(page, "Chelsea")
    page.keyboard.press("Enter")
    expect(page.locator(".headline h2")).to_contain_text(first.capitalize())
    tab_to(page, f"Heat map for {first}")
    page.keyboard.press("End")
    expect(page.locator(".heat-map")).to_have_css("opacity", "1")
    tab_to(page, second.capitalize())
    page.keyboard.press("Space")
    chosen = page.get_by_role("button", name=re.compile(f"^{second}", re.IGNORECASE))
    expect(chosen).to_have_attribute("aria-pressed", "true")
    tag = next(iter(cat.tags))
    tab_to(page, tag.split(",")[0].capitalize())
    page.keyboard.press("Space")
    before = cascade.explain(cat).tags_alone
    after = cascade.explain(cascade.classify_without_tags(cat, [tag])).tags_alone
    expect(page.locator(".now")).to_contain_text(f"was {displayed(before)[next(iter(after))]}%")


def test_token_limits_and_unreachable_service(open_page, photos, tmp_path):
    token = 8 * "word"
    (tmp_path / "token.txt").write_text(token)
    folder = tmp_path / "folder"
    folder.mkdir()
    for i in range(4):
        (folder / f"{i}.jpg").write_bytes(photos["rocket.jpg"].read_bytes())
    with serving(tmp_path, "--token-file", "token.txt", "--max-mb", "0.3") as served:
        page = open_page(served.address)
        field = page.get_by_label("This service requires an access token")
        field.fill("wrong token")
        field.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("The service rejected this token.")
        field.fill(token)
        field.press("Enter")
        home(page)
        page.get_by_role("button", name="Chelsea").click()
        expect(page.locator(".headline h2")).to_be_visible()
        page.reload()
        (tmp_path / "large.tiff").write_bytes(b"II*\0" + bytes(400_000))  # the page cannot reduce it
        choose(page, "Choose pictures", tmp_path / "large.tiff")
        expect(page.locator(".answer").get_by_role("alert")).to_contain_text("larger than 300,000 bytes")

    choose(page, "Folder", folder)
    expect(page.get_by_role("alert")).to_contain_text("Cannot reach")
    expect(page.get_by_role("status")).to_have_text("0 of 4 pictures processed")
    with serving(tmp_path, port=served.port):
        page.get_by_role("button", name="Retry").click()
        expect(page.get_by_role("status")).to_have_text("4 classified")
        expect(page.get_by_role("alert")).to_have_count(0)


def test_a_view_that_cannot_be_loaded_is_loaded_later(page):
    for name, part in (("Developers", "developers-*.js"), ("Live", "live-*.js")):
        page.route(f"**/{part}", lambda route: route.abort())
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
        page.unroute(f"**/{part}")
        page.get_by_role("button", name="Retry").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
