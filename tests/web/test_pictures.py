from __future__ import annotations

import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import expect

from imagemood import bundle
from imagemood.affect import affect_of
from tests.web.conftest import choose, drop, last_picture, shown_moods, written

ORDER = ["amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger"]


def is_told_as(page, result):
    expect(page.locator(".headline h2")).to_contain_text(str(result.mood).capitalize())
    shown = shown_moods(page)
    assert list(shown) == ORDER
    assert shown == written(result.moods)


def test_a_sample_is_told_as_everywhere_else_and_credited(page, cascade, samples):
    page.get_by_role("button", name="Coffee cup").click()
    result = cascade.classify(samples["coffee.png"].path)
    is_told_as(page, result)
    expect(page.locator("figcaption").first).to_contain_text("Rachel Michetti")
    expect(page.get_by_role("status")).to_contain_text(f"{100 * result.moods[result.mood]:.0f} %")
    place = page.get_by_role("img", name=re.compile("Valence"))
    expect(place).to_have_attribute("aria-label", re.compile(rf"Valence \+{result.affect.valence:.2f}, arousal −"))


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


def test_only_the_strongest_moods(page):
    page.get_by_role("button", name="Chelsea").click()
    assert list(shown_moods(page)) == ORDER
    page.get_by_label("Show").select_option("top 3")
    assert list(shown_moods(page)) == ["awe", "contentment", "anger"]


def test_tags_say_what_they_carried_for_any_mood(page, cascade, samples):
    page.get_by_role("button", name="Chelsea").click()
    result = cascade.classify(samples["chelsea.png"].path)
    for mood in ("contentment", "awe"):
        page.get_by_role("button", name=re.compile(f"^{mood}", re.IGNORECASE)).click()
        expect(page.locator(".tags")).to_contain_text(f"Carried {mood}")
        drops = cascade.explain(result, mood).tags
        for tag in list(result.tags)[:5]:
            row = page.locator(f'tr[data-tag="{tag}"]')
            expect(row).to_contain_text(f"{100 * result.tags[tag]:.1f} %")
            shown = float(row.locator(".carried").inner_text().replace("−", "-"))
            assert shown == pytest.approx(100 * drops[tag], abs=0.051)


def test_the_map_is_laid_over_the_whole_picture(page):
    page.get_by_role("button", name="Chelsea").click()
    veil, photo = page.locator(".veil"), page.locator(".photo")
    expect(veil).to_have_css("opacity", "0")
    page.get_by_role("slider").fill("60")
    expect(veil).to_have_css("opacity", "0.6")
    assert veil.bounding_box() == pytest.approx(photo.bounding_box(), abs=1)
    assert photo.evaluate("i => i.width / i.height") == pytest.approx(451 / 300, abs=0.01)
    before = veil.get_attribute("src")
    page.get_by_role("button", name=re.compile("^Awe")).click()
    expect(page.locator(".slider")).to_contain_text("awe")
    assert veil.get_attribute("src") != before


def test_what_if_a_tag_were_not_there(page, cascade, samples):
    page.get_by_role("button", name="Chelsea").click()
    result = cascade.classify(samples["chelsea.png"].path)
    off = list(result.tags)[:2]
    for tag in off:
        page.locator(f'tr[data-tag="{tag}"]').get_by_role("switch").click()
    scores = result.scores.copy()
    scores[[list(result.tag_labels).index(tag) for tag in off]] = 0
    classifier = bundle.load()
    probabilities = classifier.predict(scores[np.newaxis], result.embedding[np.newaxis])[0]
    moods = dict(zip(classifier.labels, probabilities.tolist(), strict=True))
    expect(page.locator(".headline .share")).to_have_text(f"{100 * moods['contentment']:.0f} %")
    assert shown_moods(page) == written(moods)
    expect(page.locator(".now")).to_contain_text(f"was {100 * result.moods['contentment']:.0f} %")
    valence = affect_of(moods).valence
    expect(page.get_by_role("img", name=re.compile("Valence"))).to_have_attribute(
        "aria-label", re.compile(rf"Valence \+{valence:.2f}")
    )
    page.get_by_role("button", name="All on").click()
    expect(page.locator(".headline .share")).to_have_text(f"{100 * result.moods['contentment']:.0f} %")


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
