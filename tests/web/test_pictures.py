from __future__ import annotations

import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood.models import model_directory
from imagemood.prediction.affect import affect_of
from tests.web.conftest import choose, drop, last_picture, shown_moods, written

ORDER = ["amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger"]


def is_told_as(page, result):
    expect(page.locator(".headline h2")).to_contain_text(str(result.mood).capitalize())
    shown = shown_moods(page)
    assert list(shown) == ORDER
    assert shown == written(result.moods)


def valence(affect):
    """What the plot of valence and arousal is called."""
    places = (affect.valence, affect.arousal)
    words = ("−" if place < 0 else "+" for place in places)
    valence, arousal = (f"{sign}{abs(place):.2f}" for sign, place in zip(words, places, strict=True))
    return re.compile(re.escape(f"Valence {valence}, arousal {arousal},"))


def test_a_sample_is_told_as_everywhere_else_and_credited(page, cascade, samples):
    page.get_by_role("button", name="Coffee cup").click()
    result = cascade.classify(samples["coffee.png"].path)
    is_told_as(page, result)
    expect(page.locator("figcaption").first).to_contain_text("Rachel Michetti")
    expect(page.get_by_role("status")).to_contain_text(f"{100 * result.moods[result.mood]:.0f} %")
    expect(page.get_by_role("img", name=valence(result.affect))).to_be_visible()


@pytest.mark.parametrize("way", ["browse", "drop", "paste"])
def test_ways_to_give_a_picture(page, cascade, samples, way):
    path = samples["chelsea.png"].path
    if way == "browse":
        choose(page, "Choose pictures", path)
    elif way == "drop":
        drop(page, ".drop", path)
    else:
        page.evaluate(
            """async url => navigator.clipboard.write([new ClipboardItem({
                "image/png": await (await fetch(url)).blob()})])""",
            "v1/samples/chelsea.png",
        )
        page.keyboard.press("Control+V")
    is_told_as(page, cascade.classify(path))


def test_only_the_strongest_moods(page, chelsea):
    page.get_by_role("button", name="Chelsea").click()
    assert list(shown_moods(page)) == ORDER
    page.get_by_label("Show").select_option("top 3")
    strongest = list(chelsea.moods)[:3]
    assert list(shown_moods(page)) == [mood for mood in ORDER if mood in strongest]


def test_tags_say_what_they_carried_for_any_mood(page, cascade, chelsea):
    page.get_by_role("button", name="Chelsea").click()
    for mood in list(chelsea.moods)[:2]:
        page.get_by_role("button", name=re.compile(f"^{mood}", re.IGNORECASE)).click()
        expect(page.locator(".tags")).to_contain_text(f"Carried {mood}")
        drops = cascade.explain(chelsea, mood).tags
        for tag in list(chelsea.tags)[:5]:
            row = page.locator(f'tr[data-tag="{tag}"]')
            expect(row).to_contain_text(f"{100 * chelsea.tags[tag]:.1f} %")
            shown = float(row.locator(".carried").inner_text().replace("−", "-"))
            assert shown == pytest.approx(100 * drops[tag], abs=0.051)


def test_the_map_is_laid_over_the_whole_picture(page, chelsea):
    page.get_by_role("button", name="Chelsea").click()
    veil, photo = page.locator(".veil"), page.locator(".photo")
    expect(veil).to_have_css("opacity", "0")
    page.get_by_role("slider").fill("60")
    expect(veil).to_have_css("opacity", "0.6")
    assert veil.bounding_box() == pytest.approx(photo.bounding_box(), abs=1)
    assert photo.evaluate("i => i.width / i.height") == pytest.approx(451 / 300, abs=0.01)
    before = veil.get_attribute("src")
    another = list(chelsea.moods)[1]
    page.get_by_role("button", name=re.compile(f"^{another}", re.IGNORECASE)).click()
    expect(page.locator(".slider")).to_contain_text(another)
    assert veil.get_attribute("src") != before


def test_what_if_a_tag_were_not_there(page, chelsea):
    page.get_by_role("button", name="Chelsea").click()
    off = list(chelsea.tags)[:2]
    for tag in off:
        page.locator(f'tr[data-tag="{tag}"]').get_by_role("switch").click()
    scores = chelsea.scores.copy()
    scores[[list(chelsea.tag_labels).index(tag) for tag in off]] = 0
    classifier = model_directory.load()
    probabilities = classifier.predict(scores[np.newaxis], chelsea.embedding[np.newaxis])[0]
    moods = dict(zip(classifier.labels, probabilities.tolist(), strict=True))
    first = max(moods, key=moods.get)
    expect(page.get_by_role("img", name=valence(affect_of(moods)))).to_be_visible()
    assert shown_moods(page) == written(moods)
    expect(page.locator(".now")).to_contain_text(
        f"Now {first} {written(moods)[first]} %, was {written(chelsea.moods)[first]} %"
    )
    page.get_by_role("button", name="All on").click()
    expect(page.get_by_role("img", name=valence(chelsea.affect))).to_be_visible()
    assert shown_moods(page) == written(chelsea.moods)


def test_a_large_photo_is_sent_small_and_told_nearly_the_same(page, cascade, samples, tmp_path):
    large = PIL.Image.open(samples["astronaut.png"].path).convert("RGB").resize((2200, 2200))
    dice = np.random.default_rng(0)
    noisy = np.asarray(large).astype(np.int16) + dice.integers(-12, 13, (2200, 2200, 1))
    path = tmp_path / "large.jpg"
    PIL.Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=92)
    assert path.stat().st_size > 1_500_000
    choose(page, "Choose pictures", path)
    expect(page.locator(".headline h2")).to_be_visible()
    assert last_picture(page).size == (1024, 1024)
    exact = cascade.classify(path).moods
    for mood, share in shown_moods(page).items():
        assert float(share.replace("<", "")) == pytest.approx(100 * exact[mood], abs=3)


def test_errors_are_said_where_they_happen(page, tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    choose(page, "Choose pictures", tmp_path / "letter.txt")
    expect(page.locator(".drop").get_by_role("alert")).to_have_text("letter.txt is no picture.")
    choose(page, "Choose pictures", tmp_path / "broken.jpg")
    expect(page.locator(".answer").get_by_role("alert")).to_contain_text("broken.jpg: ")
    expect(page.locator(".unshown")).to_be_visible()
    page.get_by_role("link", name="imagemood").click()
    page.get_by_role("button", name="Chelsea").click()
    expect(page.locator(".headline")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
