from __future__ import annotations

import base64
import itertools
import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood.errors import ImageError
from imagemood.models import model_directory
from imagemood.pictures.picture import Picture
from imagemood.pictures.samples import FOLDER
from tests.web.conftest import choose, displayed, displayed_moods, drop, last_upload

MOOD_ORDER = ["amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger"]


def check_prediction(page, result):
    expect(page.locator(".headline h2")).to_contain_text(str(result.mood).capitalize())
    percentages = displayed_moods(page)
    assert list(percentages) == MOOD_ORDER
    assert percentages == displayed(result.moods)


def affect_label(affect):
    """Return a pattern of the accessible name of the affect plot."""
    valence, arousal = (
        f"{'−' if value < 0 else '+'}{abs(value):.2f}" for value in (affect.valence, affect.arousal)
    )
    return re.compile(re.escape(f"Valence {valence}, arousal {arousal},"))


def test_sample_is_classified_and_credited(page, cascade):
    page.get_by_role("button", name="Coffee cup").click()
    result = cascade.classify(FOLDER / "coffee.jpg")
    check_prediction(page, result)
    expect(page.locator("figcaption").first).to_contain_text("Rachel Michetti")
    expect(page.get_by_role("status")).to_contain_text(f"{100 * result.moods[result.mood]:.0f}%")
    expect(page.get_by_role("img", name=affect_label(result.affect))).to_be_visible()


@pytest.mark.parametrize("source", ["file chooser", "drop", "paste"])
def test_picture_from_each_source(page, cascade, photos, source):
    path = photos["chelsea.png"]
    if source == "file chooser":
        choose(page, "Choose pictures", path)
    elif source == "drop":
        drop(page, ".drop", path)
    else:
        page.evaluate(
            """content => navigator.clipboard.write([new ClipboardItem({
                "image/png": new Blob([Uint8Array.from(atob(content), letter => letter.charCodeAt(0))],
                                      {type: "image/png"})})])""",
            base64.b64encode(path.read_bytes()).decode(),
        )
        page.keyboard.press("Control+V")
    check_prediction(page, cascade.classify(path))


def test_number_of_moods_can_be_limited(page, cat):
    page.get_by_role("button", name="Chelsea").click()
    assert list(displayed_moods(page)) == MOOD_ORDER
    page.get_by_role("combobox", name="Show").select_option("top 3")
    most_probable = list(cat.moods)[:3]
    assert list(displayed_moods(page)) == [mood for mood in MOOD_ORDER if mood in most_probable]


def test_contributions_of_tags_to_each_mood(page, cascade, cat):
    page.get_by_role("button", name="Chelsea").click()
    for mood in list(cat.moods)[:2]:
        page.get_by_role("button", name=re.compile(f"^{mood}", re.IGNORECASE)).click()
        expect(page.locator(".tags")).to_contain_text(f"Contribution to {mood}")
        drops = cascade.explain(cat, mood).tag_drops
        for tag in list(cat.tags)[:5]:
            row = page.locator(f'tr[data-tag="{tag}"]')
            expect(row).to_contain_text(f"{100 * cat.tags[tag]:.1f}%")
            contribution = float(row.locator(".contribution").inner_text().replace("−", "-"))
            assert contribution == pytest.approx(100 * drops[tag], abs=0.051)


def test_heat_map_covers_the_whole_picture(page, cat):
    page.get_by_role("button", name="Chelsea").click()
    heat_map, photo = page.locator(".heat-map"), page.locator(".photo")
    page.get_by_role("slider").fill("60")
    expect(heat_map).to_have_css("opacity", "0.6")
    assert heat_map.bounding_box() == pytest.approx(photo.bounding_box(), abs=1)
    assert photo.evaluate("i => i.width / i.height") == pytest.approx(451 / 300, abs=0.01)
    scale = page.locator(".scale").inner_text()
    low, high = (float(number) for number in re.findall(r"([\d.]+)%", scale))
    assert low < 100 * cat.moods[next(iter(cat.moods))] < high
    before = heat_map.get_attribute("src")
    another = list(cat.moods)[1]
    page.get_by_role("button", name=re.compile(f"^{another}", re.IGNORECASE)).click()
    expect(page.locator(".slider")).to_contain_text(another)
    assert heat_map.get_attribute("src") != before


RECORD_OPACITIES = """() => {
    window.opacities = [];
    new MutationObserver(() => {
        const opacity = Number(document.querySelector(".heat-map")?.style.opacity);
        if (opacity && opacity !== opacities.at(-1)) opacities.push(opacity);
    }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_heat_map_is_visible_and_moves_once(open_page, service, motion):
    page = open_page(service, reduced_motion=motion)
    page.evaluate(RECORD_OPACITIES)
    page.get_by_role("button", name="Chelsea").click()
    heat_map, slider = page.locator(".heat-map"), page.get_by_role("slider")
    while motion == "no-preference" and max(page.evaluate("opacities"), default=0) < 0.8:
        page.wait_for_timeout(50)
    expect(heat_map).to_have_css("opacity", "0.45")
    page.get_by_role("link", name="imagemood").click()
    page.get_by_role("button", name="Coffee cup").click()
    expect(slider).to_have_value("45")
    opacities = page.evaluate("opacities")
    if motion == "reduce":
        assert opacities == [0.45]
    else:  # up and down once
        assert sum(a < b for a, b in itertools.pairwise(opacities)) > 1
        peak = opacities.index(max(opacities))
        assert max(opacities) > 0.8
        assert opacities == [*sorted(opacities[:peak]), *sorted(opacities[peak:], reverse=True)]
    slider.fill("20")
    expect(heat_map).to_have_css("opacity", "0.2")


def test_tags_can_be_turned_off(page, cascade, cat):
    page.get_by_role("button", name="Chelsea").click()
    off = list(cat.tags)[:2]
    for tag in off:
        page.locator(f'tr[data-tag="{tag}"]').get_by_role("switch").click()
    scores = cat.scores.copy()
    scores[[list(cat.tag_labels).index(tag) for tag in off]] = 0
    by_tags = model_directory.load("tags")
    moods = dict(zip(by_tags.labels, by_tags.predict(scores[np.newaxis])[0].tolist(), strict=True))
    before = cascade.explain(cat).tags_alone
    first = max(moods, key=moods.get)
    now = page.locator(".now")
    expect(now).to_contain_text(
        f"From the tags alone: {first} {displayed(moods)[first]}% (was {displayed(before)[first]}%)"
    )
    expect(page.get_by_role("img", name=affect_label(cat.affect))).to_be_visible()
    assert displayed_moods(page) == displayed(cat.moods)
    page.get_by_role("button", name="Turn all on").click()
    first = next(iter(before))
    expect(now).to_contain_text(f"From the tags alone: {first} {displayed(before)[first]}%")
    expect(now).not_to_contain_text("was")


def test_large_photo_is_reduced_before_upload_with_similar_prediction(page, cascade, photos, tmp_path):
    large = PIL.Image.open(photos["astronaut.png"]).convert("RGB").resize((2200, 2200))
    rng = np.random.default_rng(0)
    noisy = np.asarray(large).astype(np.int16) + rng.integers(-12, 13, (2200, 2200, 1))
    path = tmp_path / "large.jpg"
    PIL.Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    assert path.stat().st_size > 1_500_000
    choose(page, "Choose pictures", path)
    expect(page.locator(".headline h2")).to_be_visible()
    assert last_upload(page).size == (1024, 1024)
    exact = cascade.classify(path).moods
    for mood, percentage in displayed_moods(page).items():
        assert float(percentage.replace("<", "")) == pytest.approx(100 * exact[mood], abs=3)


def decoding_error(path):
    with pytest.raises(ImageError) as caught:
        Picture.from_bytes(path.read_bytes()).decode()
    return caught.value.message


def test_a_view_that_cannot_be_loaded_is_an_error_in_its_place(page, cat):
    page.route("**/assets/picture-detail*.js", lambda route: route.abort())
    page.get_by_role("button", name="Chelsea").click()
    expect(page.get_by_role("alert")).to_contain_text("This view could not be loaded")
    page.unroute("**/assets/picture-detail*.js")
    page.get_by_role("button", name="Retry").click()
    check_prediction(page, cat)


def test_a_picture_that_was_opened_while_the_service_was_down_can_be_retried(page, cat):
    page.route("**/v1/samples/cat.jpg", lambda route: route.abort())
    page.route("**/v1/moods?*", lambda route: route.abort())
    page.get_by_role("button", name="Chelsea").click()
    for address in ("**/v1/samples/cat.jpg", "**/v1/moods?*"):
        for _ in range(2):
            expect(page.get_by_role("alert")).to_contain_text("Cannot reach http://")
            page.get_by_role("button", name="Retry").click()
        page.unroute(address)
        page.get_by_role("button", name="Retry").click()
    check_prediction(page, cat)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("sample", ["Withered flower", "French Alps"])
def test_enlarged_pages_show_the_picture_and_its_mood_together(open_page, service, sample):
    page = open_page(service, viewport={"width": 640, "height": 450})  # 1280 × 900 pixels at 200 %
    page.get_by_role("button", name=sample).click()
    expect(page.locator(".heat-map")).to_be_visible()
    for element in (page.locator(".photo"), page.locator(".headline h2")):
        box = element.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 450
        assert box["x"] + box["width"] <= 640


def test_errors_are_displayed_in_place(page, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    choose(page, "Choose pictures", tmp_path / "letter.txt")
    expect(page.locator(".drop").get_by_role("alert")).to_have_text("letter.txt is not a picture.")
    choose(page, "Choose pictures", tmp_path / "broken.jpg")
    alert = page.locator(".answer").get_by_role("alert")
    expect(alert).to_contain_text("broken.jpg: ")
    reason = decoding_error(tmp_path / "broken.jpg")
    assert alert.inner_text() == f"broken.jpg: {reason}"
    expect(page.locator(".no-preview")).to_be_visible()
    # Other versions of the service add the status, the position of the picture, or its name.
    problem = {"status": 422, "json": {"detail": "422: 0: broken.jpg: the reason"}}
    page.route("**/v1/moods?*", lambda route: route.fulfill(**problem))
    page.get_by_role("button", name="Retry").click()
    expect(alert).to_have_text("broken.jpg: the reason")
    page.unroute("**/v1/moods?*")
    page.get_by_role("link", name="imagemood").click()
    page.get_by_role("button", name="Chelsea").click()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("has_preview", [True, False])
def test_a_file_that_the_browser_cannot_display_has_a_preview_if_the_service_makes_one(
    page, cascade, photos, tmp_path, has_preview
):
    path = tmp_path / "photo.tif"
    PIL.Image.open(photos["coffee.png"]).save(path)
    if not has_preview:
        page.route("**/v1/preview", lambda route: route.fulfill(status=404))
    choose(page, "Choose pictures", path)
    check_prediction(page, cascade.classify(path))
    if has_preview:
        expect(page.locator("figcaption").first).to_contain_text("preview by the service")
        expect(page.locator(".heat-map")).to_be_visible()
        assert page.locator(".photo").evaluate("i => i.width / i.height") == pytest.approx(1.5, abs=0.01)
        expect(page.get_by_role("slider")).to_be_visible()
        expect(page.get_by_role("button", name="Paint over")).to_be_visible()
    else:
        expect(page.locator(".no-preview")).to_contain_text("Your browser cannot display this file")
        expect(page.get_by_role("slider")).to_have_count(0)  # without a map
        expect(page.get_by_role("button", name="Paint over")).to_have_count(0)
