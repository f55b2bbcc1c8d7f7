from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from imagemood.models import model_directory
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from imagemood.tables.tag_set import TagSet
from tests.web.conftest import choose, drop

PROTO = Path(__file__).parents[2] / "proto" / "imagemood.proto"


@pytest.fixture
def view(page):
    page.get_by_role("link", name="Developers").click()
    expect(page.get_by_role("heading", name="Developers")).to_be_visible()
    return page


def download(page, button):
    with page.expect_download() as pending:
        page.get_by_role("button", name=button).click()
    return Path(pending.value.path()).read_bytes(), pending.value.suggested_filename


def rows_of(content):
    return [(row.image, row.tag, row.score) for row in ImageTagSet.FromString(content).ImageTags]


@pytest.mark.parametrize("method", ["mood", "tag"])
def test_picture_as_protobuf_message(view, cascade, photos, method):
    path = photos["chelsea.png"]
    choose(view, "Choose a picture", path)
    view.get_by_label("Method").select_option(method)
    view.get_by_role("button", name="Send").click()
    expect(view.locator(".message h2")).to_contain_text("ImageTagSet")

    request, name = download(view, "Save request")
    assert name == f"{method}.request.bin"
    assert Image.FromString(request) == Image(mime_type="image/png", image_binary=path.read_bytes())
    response, name = download(view, "Save response")
    assert name == f"{method}.response.bin"
    result = cascade.classify(path)
    scores = result.moods if method == "mood" else result.tags
    assert {tag: score for _, tag, score in rows_of(response)} == pytest.approx(scores, abs=1e-6)
    assert view.locator(".message tbody tr").count() == min(20, len(scores))
    assert view.locator(".message tbody tr").first.inner_text().split("\t")[1] == next(iter(scores))
    proto, name = download(view, "Save .proto")
    assert name == "imagemood.proto"
    assert proto == PROTO.read_bytes()


def test_tag_rows_as_protobuf_message(view):
    view.get_by_label("Method").select_option("classify")
    view.get_by_role("button", name="Send").click()
    expect(view.locator(".message h2")).to_contain_text("8 rows")
    request, _ = download(view, "Save request")
    assert rows_of(request) == [(0, "lakeside, lakeshore", 0.7), (0, "pier", 0.2)]
    response, _ = download(view, "Save response")
    classifier = model_directory.load("tags")
    tags = TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.7, 0.2])
    expected = classifier.predict(tags.to_matrix(classifier.vocabulary).values)
    scores = {mood: score for _, mood, score in rows_of(response)}
    assert [scores[mood] for mood in classifier.labels] == pytest.approx(expected[0].tolist(), abs=1e-6)


def test_dropped_messages_are_decoded(view, photos, tmp_path):
    rows = ImageTagSet()
    rows.ImageTags.add(image=2**53 + 1, tag="pier", score=0.25)
    (tmp_path / "rows.bin").write_bytes(rows.SerializeToString())
    photo = photos["rocket.jpg"].read_bytes()
    (tmp_path / "image.bin").write_bytes(Image(mime_type="image/jpeg", image_binary=photo).SerializeToString())
    (tmp_path / "invalid.bin").write_bytes(b"\xff\xff\xff not a message")

    drop(view, ".decode", tmp_path / "rows.bin")
    expect(view.locator(".message h2")).to_have_text("rows.bin: ImageTagSet, 1 row")
    assert view.locator(".message tbody tr").inner_text().split("\t") == [
        "9007199254740993",
        "pier",
        "0.2500",
    ]
    drop(view, ".decode", tmp_path / "image.bin")
    expect(view.locator(".message h2")).to_contain_text(f"image/jpeg, {len(photo):,} bytes")
    expect(view.locator(".message img")).to_have_js_property("naturalWidth", 640)
    drop(view, ".decode", tmp_path / "invalid.bin")
    expect(view.get_by_role("alert")).to_contain_text("invalid.bin: not an Image or ImageTagSet message")


def test_url_of_another_service(open_page, service):
    page = open_page(f"{service}?url-image={service}classify")
    expect(page.get_by_label("Service")).to_have_value(f"{service}classify")
    page.get_by_label("Method").select_option("classify")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message h2")).to_contain_text("8 rows")
    page.get_by_label("Service").fill(f"{service}model/methods/tag")
    expect(page.locator("form code")).to_have_text(f"{service}model/methods/classify")
    page.get_by_label("Service").fill(f"{service}nowhere")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("no such route")
