"""A tagger without tags, such as the image tower of CLIP, works everywhere except where tags are asked for."""

from __future__ import annotations

import json

import numpy as np
import PIL.Image
import pytest

from imagemood import Cascade
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.errors import IncompatibleModelError
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.learning.training import train
from imagemood.models.tagger import Tagger
from imagemood.serve.app import create_app
from imagemood.serve.settings import Settings
from tests.cli.commands import run, run_failing, run_process
from tests.models.networks import mean_colour, write_tagger
from tests.serve.serving import in_process

COLOURS = {"anger": (220, 30, 20), "contentment": (30, 200, 40)}
NO_TAGS = "the tagger 'Mean colour' has no tags"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Reddish and greenish pictures, which are wider than high, with grey margins that the tagger crops."""
    folder = tmp_path_factory.mktemp("photos")
    noise = np.random.default_rng(0)
    for mood, colour in COLOURS.items():
        (folder / mood).mkdir()
        for i in range(8):
            pixels = np.full((24, 72, 3), 128)
            pixels[:, 24:48] = np.array(colour) + noise.integers(-20, 20, 3)
            PIL.Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / mood / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tagger")
    return write_tagger(
        folder, mean_colour(), labels=[], embedding="means", resize="crop", resize_px=10, name="Mean colour"
    )


@pytest.fixture(scope="module")
def model(photos, tagger, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model"
    done = run("train", "--images", photos, "--tagger", tagger, "-o", path)
    assert b"16 pictures, 2 moods, 3 embedding features" in done.stderr
    return path


@pytest.fixture(scope="module")
def send(model):
    with in_process(create_app(Settings(model=str(model)))) as send:
        yield send


def test_commands(model, photos, tmp_path):
    done = run("classify", photos / "anger", "--model", model, "--format", "json")
    results = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [next(iter(result["moods"])) for result in results] == ["anger"] * 8
    done = run_process("bulk", photos, "--model", model, "--embedding", "-o", tmp_path / "dataset")
    assert (done.returncode, b"8  anger" in done.stdout) == (0, True)
    done = run_process("bulk", photos, "--model", model, "--tags", 3, "-o", tmp_path / "other")
    assert (done.returncode, f"{NO_TAGS} (omit --tags)" in done.stderr.decode()) == (2, True)
    facts = json.loads(run("info", "--model", model, "--format", "json").stdout)
    assert (facts["tagger"], facts["tags"], facts["inputs"]) == ("Mean colour", 0, ["embedding"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["classify", "{photos}", "--model", "{model}", "--tags", "3"], f"{NO_TAGS} (omit --tags and --explain)"),
        (["classify", "{photos}", "--model", "{model}", "--explain"], f"{NO_TAGS} (omit --tags and --explain)"),
        (["tag", "{photos}", "--tagger", "{model}"], NO_TAGS),
        (["acumos", "dump", "--tagger", "--network", "{model}", "-o", "bundle"], NO_TAGS),
        (
            ["train", "--images", "{photos}", "--tagger", "{tagger}", "--inputs", "tags", "-o", "m"],
            "the tagger does not compute the tags",
        ),
        (["summary", "3", "--images", "{photos}", "--tagger", "{tagger}"], "the tagger does not compute the tags"),
        (["classify", "{photos}", "--model", "tags", "--tagger", "{tagger}"], "knows none of the tagger's tags"),
    ],
)
def test_asking_for_tags_is_an_error(arguments, message, model, photos, tagger, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    filled = [argument.format(photos=photos, model=model, tagger=tagger) for argument in arguments]
    run_failing(*filled, code=2, message=message)


def test_python(model, photos):
    cascade = Cascade.load(model)
    result = cascade.classify(photos / "contentment" / "0.png")
    assert (result.mood, result.tags, result.scores) == ("contentment", {}, None)
    assert cascade.explain(result).tag_drops == {}
    with pytest.raises(IncompatibleModelError, match=NO_TAGS):
        Tagger.load(model).require_tags(hint="")


def test_evaluation_uses_the_embedding(photos, tagger):
    labelled = read_labelled_pictures(photos, Cascade(Tagger.load(tagger)), inputs=["embedding"])
    assert train(labelled.training_set, "logistic").classifier().inputs == ("embedding",)


def test_acumos_bundle(model, photos, tmp_path):
    dump(tmp_path / "bundle", model=model, options=BundleOptions(kind="cascade"))
    assert Cascade.load(tmp_path / "bundle").classify(photos / "anger" / "0.png").mood == "anger"


def test_service(send, photos):
    content = (photos / "anger" / "0.png").read_bytes()

    def post(**query):
        return send("POST", "/v1/moods", content=content, headers={"content-type": "image/png"}, params=query)

    assert send("GET", "/v1/labels").json()["tags"] == []
    prediction = post(explain="all").json()["results"][0]
    assert next(iter(prediction["moods"])) == "anger"
    assert prediction["tags"] == prediction["explanation"]["drops"] == {}
    for query in ({"tags": 3}, {"explain": "tags"}):
        response = post(**query)
        assert response.status_code == 422
        assert "the network computes no tags" in response.json()["detail"]
    assert post(without="cat").status_code == 422
    assert send("GET", "/v1/labels").json()["tags_only"] is False
    assert "tags_only: no model predicts" in post(tags_only=True).json()["detail"]
    response = send("POST", "/model/methods/tag", json={"mime_type": "image/png", "image_binary": ""})
    assert response.status_code == 404
    assert "the network computes no tags" in response.text
    assert send("GET", "/v2/models/mood").status_code == 200
    assert send("GET", "/v2/models/tag").status_code == 404
