from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import choose, drop
from tests.web.test_pictures import ORDER


@pytest.fixture
def album(samples, tmp_path):
    """The samples in a folder with a folder in it, and two files that are no pictures."""
    folder = tmp_path / "album"
    (folder / "deep").mkdir(parents=True)
    for name, sample in samples.items():
        target = folder / "deep" / name if name == "rocket.jpg" else folder / name
        target.write_bytes(sample.path.read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (folder / "notes.txt").write_text("not sent")
    return folder


@pytest.fixture
def told(samples, cascade):
    return {name: cascade.classify(sample.path) for name, sample in samples.items()}


def names(page):
    return page.locator(".tiles .file").all_inner_texts()


@pytest.mark.parametrize("way", ["browse", "drop"])
def test_a_folder_is_a_gallery_sorted_and_filtered_by_mood(page, album, told, way):
    if way == "browse":
        choose(page, "A folder", album)
    else:
        drop(page, ".drop", album)
    expect(page.get_by_role("status")).to_have_text("All looked at")
    expect(page.get_by_role("heading", name="6 pictures")).to_be_visible()

    by_mood = sorted(told, key=lambda name: (ORDER.index(told[name].mood), -max(told[name].moods.values())))
    assert names(page) == [*by_mood, "broken.jpg"]
    broken = page.locator(".tiles li", has_text="broken.jpg")
    expect(broken.locator(".trouble")).to_contain_text("is no picture")
    expect(broken.get_by_role("button")).to_be_disabled()

    page.get_by_label("Sort").select_option("most pleasant first")
    assert names(page)[:5] == sorted(told, key=lambda name: -told[name].affect.valence)
    page.get_by_label("Sort").select_option("most stirring first")
    assert names(page)[:5] == sorted(told, key=lambda name: -told[name].affect.arousal)
    page.get_by_label("Sort").select_option("by name")
    assert names(page) == sorted([*told, "broken.jpg"])

    mood = told["chelsea.png"].mood
    alike = sorted(name for name in told if told[name].mood == mood)
    page.get_by_role("button", name=f"{mood.capitalize()} {len(alike)}").click()
    assert sorted(names(page)) == alike


def test_open_one_and_come_back_to_the_same_place(page, told):
    page.get_by_role("button", name="All as a gallery").click()
    expect(page.get_by_role("status")).to_have_text("All looked at")
    mood = told["coffee.png"].mood
    n_alike = sum(result.mood == mood for result in told.values())
    page.get_by_role("button", name=f"{mood.capitalize()} {n_alike}").click()
    tile = page.get_by_role("button", name=re.compile("Coffee cup"))
    tile.click()
    expect(page.locator(".headline h2")).to_contain_text(mood.capitalize())
    page.get_by_role("button", name="All pictures").click()
    expect(tile).to_be_focused()
    expect(page.locator(".tiles li")).to_have_count(n_alike)


def test_more_pictures_than_a_request_takes(page, samples, told, tmp_path):
    photo = samples["rocket.jpg"].path.read_bytes()
    for i in range(40):
        (tmp_path / f"{i}.jpg").write_bytes(photo)
    requests = []
    page.on("request", lambda request: requests.append(request) if "/v1/moods" in request.url else None)
    choose(page, "A folder", tmp_path)
    expect(page.get_by_role("status")).to_have_text("All looked at")
    assert len(requests) == 5
    page.get_by_label("Sort").select_option("by name")
    assert names(page) == [f"{i}.jpg" for i in range(40)]
    expect(page.get_by_role("button", name=f"{told['rocket.jpg'].mood.capitalize()} 40")).to_be_visible()
