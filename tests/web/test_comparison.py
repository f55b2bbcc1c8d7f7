from __future__ import annotations

import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER
from tests.web.conftest import choose, displayed


@pytest.fixture
def folder(photos, tmp_path):
    """A folder with three photos."""
    for name in ("chelsea.png", "rocket.jpg", "coffee.png"):
        (tmp_path / "album" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "album" / name).write_bytes(photos[name].read_bytes())
    return tmp_path / "album"


def rows(page):
    """Return the percentages and the difference in the row of each mood."""
    expect(page.locator(".differences tbody tr")).to_have_count(8)
    return {
        row.get_attribute("data-mood"): row.locator(".number").all_inner_texts()
        for row in page.locator(".differences tbody tr").all()
    }


def check_comparison(page, first, second):
    compared = rows(page)
    for column, result in enumerate((first, second)):
        assert {mood: cells[column].removesuffix("%") for mood, cells in compared.items()} == displayed(
            result.moods
        )
    for mood, (_, _, difference) in compared.items():
        change = int(100 * second.moods[mood] + 0.5) - int(100 * first.moods[mood] + 0.5)
        assert difference == (f"{change:+d}".replace("-", "−") if change else "0")


def test_address_compares_two_samples(open_page, service, cascade, photos, tmp_path):
    page = open_page(f"{service}#/compare/cat/coffee")
    cat, coffee = (cascade.classify(FOLDER / name) for name in ("cat.jpg", "coffee.jpg"))
    check_comparison(page, cat, coffee)
    expect(page.get_by_role("img", name="First picture: valence")).to_be_visible()
    assert page.locator(".marker").count() == 2

    page.get_by_role("combobox", name="First picture").select_option("coffee")
    expect(page).to_have_url(f"{service}#/compare/coffee/coffee")
    expect(page.locator(".verdict")).to_have_text(f"Both evoke {coffee.mood} most.")
    with PIL.Image.open(photos["rocket.jpg"]) as image:  # browsers do not display TIFF files
        image.resize((240, 160)).save(tmp_path / "rocket.tiff")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").nth(1).click()
    chooser.value.set_files(tmp_path / "rocket.tiff")
    expect(page).to_have_url(f"{service}#/compare/coffee/1")
    preview = page.get_by_role("img", name="Open rocket.tiff")
    expect(preview).to_have_js_property("naturalWidth", 240)
    check_comparison(page, coffee, cascade.classify(tmp_path / "rocket.tiff"))


def test_two_pictures_of_an_album_are_selected(page, folder, photos, cascade):
    choose(page, "Folder", folder)
    expect(page.locator(".tiles li[data-mood]")).to_have_count(3)
    page.get_by_role("button", name="Compare two pictures").click()
    tiles = {name: page.locator(".tiles button", has_text=name) for name in ("rocket.jpg", "chelsea.png")}
    tiles["chelsea.png"].click()
    expect(tiles["chelsea.png"]).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(tiles["chelsea.png"]).not_to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Compare two pictures").click()
    for tile in tiles.values():
        tile.click()
    check_comparison(page, *(cascade.classify(photos[name]) for name in tiles))
    page.get_by_role("button", name="All pictures").click()
    expect(page.locator(".tiles li")).to_have_count(3)


def test_picture_is_compared_and_removed_from_its_album(page, folder):
    choose(page, "Folder", folder)
    page.locator(".tiles button", has_text="rocket.jpg").click()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".side-view").nth(1)).to_contain_text("Choose the picture to compare with.")
    page.get_by_role("combobox", name="Second picture").select_option(label="chelsea.png")
    rows(page)
    page.go_back()

    page.get_by_role("button", name="Remove from the album").click()
    tiles = page.locator(".tiles li")
    expect(tiles).to_have_count(2)
    expect(page.locator(".notice")).to_contain_text("rocket.jpg was removed from the album.")
    page.keyboard.press("Control+z")
    expect(tiles).to_have_count(3)
    expect(page.locator(".notice")).to_have_count(0)

    page.get_by_role("link", name="imagemood").click()
    expect(page.locator(".notice")).to_contain_text("The album with 3 pictures was closed.")
    page.get_by_role("button", name="Undo").click()
    expect(tiles).to_have_count(3)


def test_unknown_pictures(open_page, service):
    page = open_page(f"{service}#/compare/3/7")
    expect(page.get_by_role("alert")).to_have_count(2)
    expect(page.get_by_role("alert").first).to_contain_text("no longer open")
