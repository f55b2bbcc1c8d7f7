from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

WEB = Path(__file__).parents[2] / "web"
SOURCES = WEB / "src"
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


def check_texts(folder):
    """Run the check of the texts in a folder like web/, and return its lines without the first one."""
    command, environment = runpy.run_path(str(WEB / "build_page.py"))["npm_command"]()
    done = subprocess.run(
        [*command, "run", "--silent", "texts"], cwd=folder, env=environment, capture_output=True, text=True
    )
    lines = done.stderr.splitlines()[1:]
    assert done.returncode == bool(lines)
    return lines


@pytest.fixture
def packages():
    """The installed packages of npm, which a machine with only the built page does not have."""
    folder = WEB / "node_modules"
    if not (folder / "vite").is_dir():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("The packages of the web page are not installed")
    return folder


def test_all_texts_are_in_one_module(packages):
    assert check_texts(WEB) == []


def test_texts_in_components_are_found(packages, tmp_path):
    for name in ("package.json", "check-texts.mjs"):
        shutil.copy(WEB / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "view.tsx").write_text(
        """export const View = ({ n, name }: { n: number; name: string }) => (
  <p class="muted large" title={name} data-kind="Kind of">
    Total <b aria-label="All of them">{n} · {n === 1 ? "picture" : texts.pictures(n)}</b>
    <img alt={`Photo ${n}`} src="Some file.jpg" /> POST imagemood {`${n}%`} {name || "unknown"}
  </p>
);
""",
        "utf-8",
    )
    (tmp_path / "src" / "errors.ts").write_text(
        """export const fail = (): never => {
  throw new Error("Something went wrong.");
};
""",
        "utf-8",
    )
    assert [line.split(": ")[0] for line in check_texts(tmp_path)] == [
        "src/errors.ts:2",
        *(f"src/view.tsx:{line}" for line in (2, 3, 3, 3, 4, 4, 4, 4)),
    ]
