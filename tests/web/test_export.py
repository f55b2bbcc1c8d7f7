from __future__ import annotations

import csv
import io
import json
import re

import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood.cli.mood_results import read_moods
from tests.web.conftest import choose
from tests.web.test_pictures import MOOD_ORDER

CARD_SIZE = (1200, 630)


def result_text(name, result):
    moods = ", ".join(f"{mood} {percent(probability)}" for mood, probability in result.moods.items())
    valence, arousal = (
        f"{value:+.2f}".replace("-", "−") for value in (result.affect.valence, result.affect.arousal)
    )
    return f"{name}: {moods}; valence {valence}, arousal {arousal}"


def percent(probability):
    return "<1%" if 0 < probability < 0.005 else f"{int(100 * probability + 0.5)}%"


@pytest.fixture
def unusual_pictures(tmp_path):
    """A wide, a tall, and an undisplayable picture, with the names and colours of their cards."""
    long_name = f"{'Urlaub mit Großmutter ' * 8}\u202egpj.jpg"
    PIL.Image.new("RGB", (1500, 60), (200, 30, 30)).save(tmp_path / long_name)
    PIL.Image.new("RGB", (60, 1500), (30, 30, 200)).save(tmp_path / "a b?\n=1+1.png")
    PIL.Image.new("RGB", (300, 300), (30, 200, 30)).save(tmp_path / "scan.tiff")
    return [
        (
            tmp_path / long_name,
            "Urlaub mit Großmutter Urlaub mit Großmutter Urlaub mit Großm-mood.jpg",
            (200, 30, 30),
        ),
        (tmp_path / "a b?\n=1+1.png", "a b_=1+1-mood.jpg", (30, 30, 200)),
        (tmp_path / "scan.tiff", "scan-mood.jpg", (30, 200, 30)),
    ]


def test_cards_of_unusual_pictures(page, unusual_pictures, tmp_path):
    for path, name, colour in unusual_pictures:
        choose(page, "Choose pictures", path)
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as picture").click()
        assert download.value.suggested_filename == name
        download.value.save_as(tmp_path / "card.jpg")
        with PIL.Image.open(tmp_path / "card.jpg") as card:
            assert card.size == CARD_SIZE
            pixel = card.convert("RGB").getpixel((300, 315))
            right_edge = card.convert("L").crop((1160, 0, 1200, 630))
        assert pixel == pytest.approx(colour, abs=8)
        assert right_edge.getextrema()[0] > 240  # the text does not reach the edge


def test_text_of_a_picture_is_copied_and_shared(page, cat):
    page.get_by_role("button", name="Chelsea").click()
    title = page.locator(".detail").get_attribute("aria-label").removeprefix("Mood of ")
    copy = page.get_by_role("button", name="Copy as text")
    copy.click()
    actions = page.get_by_role("region", name="Keep or share")
    expect(actions).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == result_text(title, cat)
    assert page.get_by_role("button", name="Share", exact=True).count() == 0  # the system has no share sheet

    # Pages without HTTPS have no clipboard, and browsers may refuse to copy.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.addEventListener('copy', () => window.copied = String(document.activeElement.value))")
    copy.click()
    expect(actions).to_contain_text("Copied.")
    assert page.evaluate("copied") == result_text(title, cat)
    page.evaluate("document.execCommand = () => false")
    copy.click()
    expect(actions.get_by_role("textbox")).to_be_focused()
    assert page.evaluate("String(getSelection())") == result_text(title, cat)


def test_card_is_shared_with_the_system(page):
    page.add_init_script(
        """navigator.canShare = ({files}) => files[0].type === 'image/jpeg';
        navigator.share = async ({files, text}) => {
            document.title = `${files[0].name} ${text}`;
            throw new DOMException('', 'AbortError');
        };"""
    )
    page.reload()
    page.get_by_role("button", name="Chelsea").click()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page).to_have_title(re.compile(r"-mood\.jpg .+: contentment 93%, "))
    expect(page.get_by_role("alert")).to_have_count(0)  # the user has closed the sheet


@pytest.fixture
def album_names(page, photos, tmp_path):
    """Open an album whose names need care in CSV, with a file that cannot be classified."""
    folder = tmp_path / "album"
    (folder / "nested").mkdir(parents=True)
    names = ["album/=1+1.jpg", 'album/a, "b".jpg', "album/nested/ü 猫.jpg"]
    for name in names:
        (tmp_path / name).write_bytes(photos["rocket.jpg"].read_bytes())
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    choose(page, "Folder", folder)
    expect(page.locator(".tiles li[data-mood]")).to_have_count(3)
    expect(page.locator(".tiles .error")).to_have_count(1)
    page.get_by_text("Save the moods of 3 pictures").click()
    return names


def save(page, button, path):
    with page.expect_download() as download:
        page.get_by_role("button", name=button, exact=True).click()
    download.value.save_as(path)
    return path.read_bytes().decode()


def test_album_is_saved_in_the_formats_of_the_commands(page, photos, cascade, album_names, tmp_path):
    moods = cascade.classify(photos["rocket.jpg"]).moods
    expected = {name: pytest.approx(moods, abs=1e-6) for name in album_names}
    text = save(page, "CSV", tmp_path / "moods.csv")
    assert text.startswith("image,mood,probability\n")
    assert dict(read_moods(str(tmp_path / "moods.csv"))) == expected
    assert [row[1] for row in csv.reader(io.StringIO(text))][1:9] == list(moods)
    save(page, "JSON", tmp_path / "moods.json")
    assert dict(read_moods(str(tmp_path / "moods.json"))) == expected
    results = {result["image"]: result for result in json.loads((tmp_path / "moods.json").read_text())["results"]}
    assert "cannot be decoded" in results["album/broken.jpg"]["error"]["detail"]
    assert results[album_names[0]]["affect"].keys() == {"valence", "arousal", "positive", "negative"}
    text = save(page, "CSV for spreadsheets", tmp_path / "moods.csv")
    assert text.startswith("\ufeffimage,")

    page.get_by_label("Highest valence").evaluate("element => element.closest('details').open = true")
    page.get_by_label("Highest valence").fill("-0.9")
    page.get_by_label("Highest valence").press("Enter")
    expect(page.get_by_role("button", name="JSON")).to_be_disabled()


def test_formulas_and_equal_names(page, photos, tmp_path):
    paths = [tmp_path / folder / "=1+1.jpg" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(photos["rocket.jpg"].read_bytes())
    choose(page, "Choose pictures", paths)
    page.get_by_text("Save the moods of 2 pictures").click()
    assert set(csv_names(save(page, "CSV", tmp_path / "moods.csv"))) == {"=1+1.jpg", "=1+1 (2).jpg"}
    text = save(page, "CSV for spreadsheets", tmp_path / "moods.csv")
    assert set(csv_names(text)) == {"'=1+1.jpg", "'=1+1 (2).jpg"}


def csv_names(text):
    return [row[0] for row in csv.reader(io.StringIO(text))][1:]


def test_moods_whose_names_are_numbers(open_page, service):
    page = open_page(service)
    numbers = {mood: str(i) for i, mood in enumerate(MOOD_ORDER)}

    def rename(route):
        response = route.fetch()
        body = response.json()
        for entry in body.get("moods", []):
            entry["mood"] = numbers[entry["mood"]]
        for result in body.get("results", []):
            result["moods"] = {numbers[mood]: value for mood, value in result["moods"].items()}
            result.pop("explanation", None)
        route.fulfill(response=response, json=body)

    page.route("**/v1/labels", rename)
    page.route("**/v1/moods*", rename)
    page.goto(f"{service}?#/sample/cat")
    expect(page.locator(".headline h2")).to_have_text(f"{numbers['contentment']} 93%")
    page.get_by_role("button", name="Copy as text").click()
    expect(page.get_by_role("region", name="Keep or share")).to_contain_text("Copied.")
    assert f": {numbers['contentment']} 93%, " in page.evaluate("navigator.clipboard.readText()")
