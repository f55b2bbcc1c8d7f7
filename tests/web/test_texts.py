from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

SOURCES = Path(__file__).parents[2] / "web" / "src"
PHYSICAL_PROPERTY = re.compile(
    r"^\s*(?:(?:margin|padding|border|inset)-)?(?:left|right)[\w-]*:|text-align: (?:left|right)|float: ",
    re.MULTILINE,
)
# Positions over a picture, such as that of the brush, are physical in every language.
PHYSICAL_STYLE = re.compile(r"(?:margin|padding|border)(?:Left|Right)\b|textAlign: .(?:left|right)")


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.css")), ids=lambda path: path.name)
def test_styles_follow_the_direction_of_text(path):
    assert PHYSICAL_PROPERTY.findall(path.read_text("utf-8")) == []


def test_inline_styles_follow_the_direction_of_text():
    found = {path.name: PHYSICAL_STYLE.findall(path.read_text("utf-8")) for path in SOURCES.glob("*.tsx")}
    assert {name: styles for name, styles in found.items() if styles} == {}


@pytest.mark.parametrize("width", [390, 768])
def test_page_is_mirrored_for_languages_written_from_right_to_left(open_page, service, width):
    page = open_page(service, viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page.evaluate("document.documentElement.dir = 'rtl'")

    def fits():
        return page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("button", name="Open all").wait_for()
    assert fits()
    brand, navigation = page.locator(".brand").bounding_box(), page.locator("nav").first.bounding_box()
    assert brand["x"] > navigation["x"]
    page.get_by_role("button", name="Open all").click()
    page.locator(".plot").wait_for()
    for summary in page.locator(".summary summary").all():
        summary.click()
    assert fits()
    page.goto(f"{service}#/compare/cat/coffee")
    page.locator(".differences").wait_for()
    assert fits()
    page.goto(f"{service}#/sample/cat")
    expect(page.locator(".bars li.first")).to_be_visible()
    track = page.locator(".bars .first .track").bounding_box()
    fill = page.locator(".bars .first .fill").bounding_box()
    assert track["x"] < fill["x"] < track["x"] + track["width"]  # the bar grows from the right
    page.get_by_role("switch").first.click()
    expect(page.locator(".now")).to_be_visible()
    assert fits()
    for view in ("Live", "Developers"):
        page.get_by_role("link", name=view, exact=True).click()
        page.get_by_role("heading", level=1).wait_for()
        assert fits()
