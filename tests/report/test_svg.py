from __future__ import annotations

import os
import re
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

from imagemood.report.svg import COLOURS, LINE_COLOUR, TEXT_COLOUR, drawing, legend_below, line_style
from tests.report.conftest import parse_svg


def draw():
    with drawing(3, 2) as result:
        result.axes.plot([0, 1, 4], [1, 3, 2], color=TEXT_COLOUR)
        result.axes.axhline(2, color=LINE_COLOUR)
        result.axes.set(xlabel="time <s>", ylabel="länge")
    return result.svg


def test_the_result_is_one_svg_element():
    root = parse_svg(draw())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_placeholders_are_replaced_by_colours_of_the_page():
    svg = draw()
    assert TEXT_COLOUR not in svg
    assert LINE_COLOUR not in svg
    assert "currentColor" in svg
    assert "var(--line)" in svg


def test_nothing_hides_the_background_of_the_page():
    fills = re.findall(r'id="patch_\d+">\s*<path d="[^"]*" style="([^"]*)"', draw())
    assert fills
    assert all("fill: none" in style or "opacity: 0" in style for style in fills)


def test_text_stays_text_and_is_escaped():
    texts = [element.text for element in parse_svg(draw()).iter("{http://www.w3.org/2000/svg}text")]
    assert "time <s>" in texts
    assert "länge" in texts
    assert "&lt;s&gt;" in draw()


def test_the_same_drawing_gives_the_same_svg():
    """Reports of the same evaluation can be compared byte by byte."""
    assert draw() == draw()


def test_the_size_is_close_to_that_requested():
    small, large = (parse_svg(svg) for svg in map(draw_of_size, (2, 6)))
    widths = [float(root.get("width").removesuffix("pt")) for root in (small, large)]
    # The axes have 77.5 % of the width; the margins around them are cut off.
    assert widths[1] - widths[0] == pytest.approx(0.775 * 4 * 72, rel=0.05)


def draw_of_size(width_in):
    with drawing(width_in, 3) as result:
        result.axes.plot([0, 1], [0, 1])
    return result.svg


def test_the_settings_of_matplotlib_are_restored():
    before = dict(mpl.rcParams)
    draw()
    with pytest.raises(ZeroDivisionError), drawing(3, 2):
        _ = 1 / 0
    assert dict(mpl.rcParams) == before


def test_the_settings_and_fonts_of_the_user_are_not_used(tmp_path):
    """Settings could start LaTeX, and a search for fonts starts a program and writes a cache."""
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfigure.dpi: 33\n")
    code = (
        "import os, subprocess, sys\n"
        "subprocess.Popen = None\n"
        "from imagemood.report.svg import drawing\n"
        "with drawing(2, 2) as result: result.axes.plot([0, 1], [0, 1])\n"
        "from matplotlib.font_manager import fontManager\n"
        "assert all('matplotlib' in font.fname for font in fontManager.ttflist)\n"
        "assert 'MPLCONFIGDIR' not in os.environ\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path / "home")}
    environment.pop("MPLCONFIGDIR", None)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["matplotlibrc"]


@pytest.mark.parametrize("content", [b"font.family: \xff\xfe", b"\x89PNG\r\n\x1a\n\x00\xc3("])
def test_settings_that_matplotlib_cannot_read_are_one_clear_error(tmp_path, content):
    (tmp_path / "matplotlibrc").write_bytes(content)
    command = [sys.executable, "-m", "imagemood", "evaluate", "--example", "--report", "report"]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.startswith("error: Matplotlib cannot read its settings: ")
    assert process.stderr.endswith("matplotlibrc in this folder, or the file that MATPLOTLIBRC names)\n")
    assert len(process.stderr.splitlines()) == 1


def test_the_svg_is_empty_until_the_block_ends():
    with drawing(2, 2) as result:
        assert result.svg == ""
    assert result.svg.startswith("<svg")


def test_eight_curves_have_eight_different_colours_and_neighbours_differ():
    styles = [line_style(i) for i in range(8)]
    assert len({style["color"] for style in styles}) == 8 == len(COLOURS)
    assert len({style["linestyle"] for style in styles}) == 4
    assert line_style(8)["color"] == line_style(0)["color"]
    assert line_style(3)["linestyle"] != line_style(4)["linestyle"]


@pytest.mark.parametrize("background", [(255, 255, 255), (22, 25, 29)], ids=["light", "dark"])
def test_colours_can_be_seen_on_the_background_of_the_page(background):
    """The contrast is at least 2, by the formula of the Web Content Accessibility Guidelines."""
    for colour in COLOURS:
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        lighter, darker = sorted((luminance(rgb), luminance(background)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) > 2


def luminance(rgb):
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_the_legend_is_below_the_axes():
    with drawing(4, 3) as result:
        result.axes.plot([0, 1], [0, 1], label="first curve")
        legend_below(result.axes, gap=0.2)
        legend = result.axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["first curve"]
    box = legend.get_window_extent().transformed(result.axes.transAxes.inverted())
    assert box.y1 < 0
    assert "first curve" in result.svg
