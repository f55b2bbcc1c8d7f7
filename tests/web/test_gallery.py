from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import all_samples
from tests.web.conftest import choose, drop
from tests.web.test_pictures import MOOD_ORDER


@pytest.fixture
def folder_of_pictures(photos, tmp_path):
    """A folder with photos, one of them in a subfolder, and two files that are not pictures."""
    folder = tmp_path / "pictures"
    (folder / "nested").mkdir(parents=True)
    for name, path in photos.items():
        target = folder / "nested" / name if name == "rocket.jpg" else folder / name
        target.write_bytes(path.read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    (folder / "notes.txt").write_text("not uploaded")
    return folder


@pytest.fixture
def predictions(photos, cascade):
    return {name: cascade.classify(path) for name, path in photos.items()}


def names(page):
    return page.locator(".tiles .file").all_inner_texts()


@pytest.mark.parametrize("source", ["file chooser", "drop"])
def test_gallery_of_a_folder_can_be_sorted_and_filtered(page, folder_of_pictures, predictions, source):
    if source == "file chooser":
        choose(page, "Folder", folder_of_pictures)
    else:
        drop(page, ".drop", folder_of_pictures)
    expect(page.get_by_role("status")).to_have_text("5 classified, 1 failed")
    expect(page.get_by_role("heading", name="6 pictures")).to_be_visible()
    expect(page.get_by_text("Left out: 1 file that is not a picture.")).to_be_visible()

    def mood_then_probability(name):
        moods = predictions[name].moods
        return MOOD_ORDER.index(predictions[name].mood), -max(moods.values())

    by_mood = sorted(predictions, key=mood_then_probability)
    assert names(page) == [*by_mood, "broken.jpg"]
    broken = page.locator(".tiles li", has_text="broken.jpg")
    expect(broken.locator(".error")).to_have_text(re.compile("^cannot be decoded"))
    expect(broken.get_by_role("button")).to_be_disabled()

    page.get_by_label("Sort by").select_option("valence")
    assert names(page)[:5] == sorted(predictions, key=lambda name: -predictions[name].affect.valence)
    page.get_by_label("Sort by").select_option("arousal")
    assert names(page)[:5] == sorted(predictions, key=lambda name: -predictions[name].affect.arousal)
    page.get_by_label("Sort by").select_option("name")
    assert names(page) == sorted([*predictions, "broken.jpg"])

    page.get_by_role("button", name="Failed 1").click()
    assert names(page) == ["broken.jpg"]

    mood = predictions["chelsea.png"].mood
    same_mood = sorted(name for name in predictions if predictions[name].mood == mood)
    page.get_by_role("button", name=f"{mood.capitalize()} {len(same_mood)}").click()
    assert sorted(names(page)) == same_mood


def test_returning_from_the_detail_view_keeps_filter_and_focus(page, cascade):
    page.get_by_role("button", name="Open all").click()
    expect(page.get_by_role("status")).to_have_text(f"{len(all_samples())} classified")
    results = {s.title: cascade.classify(s.path) for s in all_samples()}
    mood = results["Coffee cup"].mood
    n_same_mood = sum(result.mood == mood for result in results.values())
    page.get_by_role("button", name=f"{mood.capitalize()} {n_same_mood}").click()
    tile = page.get_by_role("button", name=re.compile("Coffee cup"))
    tile.click()
    expect(page.locator(".headline h2")).to_contain_text(mood.capitalize())
    page.get_by_role("button", name="All pictures").click()
    expect(tile).to_be_focused()
    expect(page.locator(".tiles li")).to_have_count(n_same_mood)


def test_pictures_are_split_into_several_requests(page, photos, predictions, tmp_path):
    photo = photos["rocket.jpg"].read_bytes()
    for i in range(40):
        (tmp_path / f"{i}.jpg").write_bytes(photo)
    requests = []
    page.on("request", lambda request: requests.append(request) if "/v1/moods" in request.url else None)
    choose(page, "Folder", tmp_path)
    expect(page.get_by_role("status")).to_have_text("40 classified")
    assert len(requests) == 5
    page.get_by_label("Sort by").select_option("name")
    assert names(page) == [f"{i}.jpg" for i in range(40)]
    expect(page.get_by_role("button", name=f"{predictions['rocket.jpg'].mood.capitalize()} 40")).to_be_visible()
