"""The timeline of a video, and its functions."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.cli.commands import run
from tests.web.conftest import choose
from tests.web.films import N_SECONDS, write_film
from tests.web.typescript import evaluate

AWE, FEAR, TIED = {"awe": 0.6, "fear": 0.4}, {"awe": 0.2, "fear": 0.8}, {"awe": 0.48, "fear": 0.52}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("video") / "film.webm")


@pytest.fixture
def player(page, film):
    page.get_by_role("link", name="Live").click()
    choose(page, "Choose a video file", film)
    expect(page.get_by_role("slider", name="Position in the video")).to_be_visible()
    return page


def current_time(page):
    return page.locator("video").evaluate("video => video.currentTime")


def test_a_scan_gives_the_table_of_the_command(player, film, tmp_path):
    player.locator("video").evaluate("video => video.pause()")
    player.get_by_role("button", name="Scan the whole film").click()
    expect(player.locator(".video-status")).to_contain_text(f"{N_SECONDS} frames classified.")
    with player.expect_download() as pending:
        player.get_by_role("button", name="Save as CSV").click()
    assert pending.value.suggested_filename == "film.csv"
    text = pending.value.path().read_text("utf-8")
    assert run("timeline", film, "-o", tmp_path / "film.csv").returncode == 0
    expected = list(csv.DictReader(io.StringIO((tmp_path / "film.csv").read_text("utf-8"))))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(expected[0])
    assert [float(row["time_s"]) for row in rows] == [float(row["time_s"]) for row in expected]
    assert [row["mood"] for row in rows] == [row["mood"] for row in expected]
    for row, other in zip(rows, expected, strict=True):
        names = list(row)[2:]
        assert [float(row[name]) for name in names] == pytest.approx(
            [float(other[name]) for name in names], abs=0.1
        )

    slider = player.get_by_role("slider", name="Position in the video")
    slider.focus()
    slider.press("Home")
    assert current_time(player) == 0
    expect(slider).to_have_attribute("aria-valuetext", f"0:00 of 0:06, {text_of(rows[0])}")
    slider.press("PageUp")
    assert current_time(player) == pytest.approx(N_SECONDS / 10, abs=0.1)
    box = slider.bounding_box()
    player.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 10)
    assert current_time(player) == pytest.approx(0.75 * N_SECONDS, abs=0.1)
    expect(slider).to_have_attribute("aria-valuetext", f"0:04 of 0:06, {text_of(rows[4])}")
    expect(player.locator(".headline h2")).to_have_text(rows[4]["mood"].capitalize())


def text_of(row):
    percentage = 100 * float(row["probability_" + row["mood"]])
    return f"{row['mood']} {int(percentage + 0.5)}%"


def test_a_scan_is_stopped_and_continued_and_survives_an_outage(player):
    player.locator("video").evaluate("video => video.pause()")
    player.route("**/v1/moods", lambda _: None)  # no response
    player.get_by_label("One frame every").select_option("0.5")
    player.get_by_role("button", name="Scan the whole film").click()
    expect(player.get_by_text("0 of 12 frames")).to_be_visible()
    player.get_by_role("button", name="Stop the scan").click()
    status = player.locator(".video-status")
    expect(status).to_have_text("Stopped after 0 of 12 frames.")
    player.unroute("**/v1/moods")
    player.route(
        "**/v1/moods", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>proxy</h1>")
    )
    player.get_by_role("button", name="Continue the scan").click()
    timeline = player.locator(".video-timeline")
    expect(timeline).to_contain_text("The service responded with 502 Bad Gateway")
    expect(timeline).not_to_contain_text("proxy")
    player.unroute("**/v1/moods")
    timeline.get_by_role("button", name="Try now").click()
    expect(status).to_contain_text("12 frames classified.")
    expect(timeline.get_by_role("button", name="Try now")).to_have_count(0)


def test_headline_changes_only_if_another_mood_leads_clearly():
    cases = [(None, TIED), ("awe", TIED), ("awe", AWE), ("awe", FEAR), ("fear", AWE), ("gone", AWE), ("awe", {})]
    inputs = [{"previous": previous, "moods": moods} for previous, moods in cases]
    leading = evaluate("smoothing.ts", "leadingMood(input.previous ?? undefined, input.moods)", inputs)
    assert leading == ["fear", "awe", "awe", "fear", "awe", "awe", "awe"]


def test_parts_of_a_video():
    moments = [{"timeS": time, "moods": moods} for time, moods in ((0, AWE), (1, TIED), (2, FEAR), (7, FEAR))]
    (parts,) = evaluate("timeline.ts", "spans(input, 7.5, 1)", [moments])
    assert [(part["startS"], part["endS"]) for part in parts] == [(0, 1), (1, 2), (2, 3), (7, 7.5)]
    (scenes,) = evaluate("timeline.ts", "scenes(input)", [parts])
    assert [(scene["mood"], scene["startS"], scene["endS"]) for scene in scenes] == [
        ("awe", 0, 2),
        ("fear", 2, 3),
        ("fear", 7, 7.5),
    ]
    (shares,) = evaluate("timeline.ts", "moodShares(input)", [scenes])
    assert [(entry["mood"], round(entry["share"], 3)) for entry in shares] == [("awe", 0.571), ("fear", 0.429)]


def test_moments_stay_in_order_and_replace_near_ones():
    code = "input.reduce((all, timeS) => addMoment(all, { timeS }, 0.11), []).map(({ timeS }) => timeS)"
    assert evaluate("timeline.ts", code, [[0, 1, 0.5, 1.05, 3, 2], [1, 1, 1], [1, 0.95, 1.05, 0]]) == [
        [0, 0.5, 1.05, 2, 3],
        [1],
        [0, 1.05],
    ]


def test_table_of_moods_with_unusual_names():
    moments = [{"timeS": 1 / 3, "moods": {'so-so, "ok"': 0.25, "awe": 0.75}, "affect": None}]
    code = "timelineCsv(input, Object.keys(input[0].moods))"
    assert evaluate("timeline.ts", code, [moments]) == [
        'time_s,mood,valence,arousal,probability_awe,"probability_so-so, ""ok"""\n0.333,awe,,,0.75,0.25\n'
    ]
