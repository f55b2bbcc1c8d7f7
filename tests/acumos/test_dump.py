from __future__ import annotations

import csv
import io
import json
import pickletools
import subprocess
import sys
import urllib.error
import zipfile

import numpy as np
import pytest

import imagemood
from imagemood import tables, visual
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.errors import IncompatibleModelError, InputError, ModelDirectoryError, ModelError
from imagemood.learning import TrainingSet, train
from imagemood.models import model_directory
from imagemood.tables.messages_pb2 import Image, ImageTagSet
from imagemood.tables.tag_set import TagSet
from tests.acumos import official_runner
from tests.acumos.official_runner import JSON, post, serving

PHOTOS = ("chelsea.png", "rocket.jpg", "hubble_deep_field.jpg")


@pytest.fixture(scope="module")
def official():
    python = official_runner.find_python()
    if python is None:
        pytest.skip("the official runner needs Python 3.9: set PYTHON39")
    return official_runner.environment(python)


@pytest.fixture(scope="module")
def forest_dir(tmp_path_factory):
    path = tmp_path_factory.mktemp("forest") / "model"
    example = TrainingSet.example()
    train(example.take(range(200)), "rf").write(path)
    return path


@pytest.fixture(scope="module")
def bundles(tmp_path_factory, forest_dir):
    root = tmp_path_factory.mktemp("bundles")
    dump(root / "moods", options=BundleOptions(license="Apache-2.0"))
    dump(root / "forest", model=forest_dir)
    dump(root / "cascade", options=BundleOptions(kind="cascade"))
    dump(root / "tagger", options=BundleOptions(kind="tagger"))
    return root


@pytest.fixture(scope="module")
def tags():
    """Tag rows of four images, with a duplicate tag and a tag that no model knows."""
    labels = imagemood.Tagger.load().labels
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.02), size=3).astype(np.float32)
    rows = TagSet.from_matrix(scores, [40, 7, 12], labels, n_top=50).table.to_pydict()
    extra = ([7, 7, 99], ["volcano", "yeti", "yeti"], [0.01, 0.5, 1.0])
    return TagSet.from_rows(*(column + list(more) for column, more in zip(rows.values(), extra, strict=True)))


def inside(path):
    return zipfile.ZipFile(path / "model.zip")


def test_a_bundle_has_the_files_of_the_official_client(bundles):
    assert sorted(p.name for p in (bundles / "moods").iterdir()) == [
        "license.json",
        "metadata.json",
        "model.proto",
        "model.zip",
    ]
    assert json.loads((bundles / "moods" / "license.json").read_text()) == {"license": "Apache-2.0"}
    assert not (bundles / "cascade" / "license.json").exists()
    names = inside(bundles / "moods").namelist()
    assert {"model.pkl", "context.json", "scripts/user_provided/imagemood_runner.py"} <= set(names)
    package = json.loads(inside(bundles / "moods").read("context.json"))["protobuf_package"]
    assert f"scripts/acumos_gen/{package}/model_pb2.py" in names
    assert f"package {package};" in (bundles / "moods" / "model.proto").read_text()


def test_the_metadata_lists_method_and_requirements(bundles):
    metadata = json.loads((bundles / "cascade" / "metadata.json").read_text())
    assert metadata["schema"] == "acumos.schema.model:0.6.0"
    assert metadata["methods"]["classify"]["input"]["name"] == "Image"
    assert metadata["methods"]["classify"]["output"]["name"] == "ImageTagSet"
    requirements = {r["name"]: r["version"] for r in metadata["runtime"]["dependencies"]["pip"]["requirements"]}
    assert {f"{name}=={version}" for name, version in requirements.items()} <= set(official_runner.REQUIREMENTS)
    assert "pillow" in requirements
    assert "pillow" not in (bundles / "moods" / "metadata.json").read_text()


def test_the_pickle_only_calls_the_runner(bundles):
    content = inside(bundles / "moods").read("model.pkl")
    assert [(code.name, argument) for code, argument, _ in pickletools.genops(content)] == [
        ("GLOBAL", "imagemood_runner load_model"),
        ("MARK", None),
        ("TUPLE", None),
        ("REDUCE", None),
        ("STOP", None),
    ]


def test_bundles_are_reproducible(bundles, tmp_path):
    dump(tmp_path / "again", options=BundleOptions(license="Apache-2.0"))
    assert (tmp_path / "again" / "model.zip").read_bytes() == (bundles / "moods" / "model.zip").read_bytes()


def test_the_message_classes_load_with_the_installed_protobuf(bundles):
    zipped = inside(bundles / "moods")
    (name,) = (name for name in zipped.namelist() if name.endswith("model_pb2.py"))
    namespace = {"__name__": "model_pb2"}
    exec(zipped.read(name), namespace)  # noqa: S102 (our own file)
    message = namespace["ImageTagSet"](ImageTags=[namespace["ImageTag"](image=3, tag="pier", score=0.5)])
    assert ImageTagSet.FromString(message.SerializeToString()).ImageTags[0].tag == "pier"


def test_a_bundle_can_be_used_as_a_model_directory(bundles, tags, forest_dir):
    expected = model_directory.load(forest_dir).predict_rows(tags).rows
    assert model_directory.load(bundles / "forest").predict_rows(tags).rows == expected
    assert model_directory.load(bundles / "cascade").inputs == ("embedding",)
    with pytest.raises(ModelDirectoryError, match="No such file in the archive"):
        model_directory.load(bundles / "tagger")


def test_a_modified_bundle_is_rejected(bundles, tmp_path):
    (tmp_path / "changed").mkdir()
    with inside(bundles / "moods") as old, zipfile.ZipFile(tmp_path / "changed" / "model.zip", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:-1] + b"x" if name.endswith("model.onnx") else content)
    with pytest.raises(ModelDirectoryError, match=r"model\.onnx: the SHA-256 differs"):
        model_directory.load(tmp_path / "changed")
    (tmp_path / "changed" / "model.zip").write_bytes(b"no zip")
    with pytest.raises(ModelDirectoryError, match=r"model\.zip: not a valid zip file"):
        model_directory.load(tmp_path / "changed")


def test_model_directories_and_bundles_do_not_replace_each_other(bundles, forest_dir, training_set):
    with pytest.raises(InputError, match="the folder is not empty"):
        train(training_set, "logistic").write(bundles / "moods")
    with pytest.raises(InputError, match="the folder is not empty"):
        dump(forest_dir)
    assert (bundles / "moods" / "model.zip").exists()
    assert (forest_dir / "model.onnx").exists()


def test_invalid_dumps_write_nothing(tmp_path):
    with pytest.raises(
        IncompatibleModelError,
        match="needs embedding, but a bundle .* receives tag rows only",
    ):
        dump(tmp_path / "x", model="default")
    with pytest.raises(InputError, match="unknown kind of bundle 'soup'"):
        dump(tmp_path / "x", options=BundleOptions(kind="soup"))
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(InputError, match="the folder is not empty"):
        dump(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["moods", "forest"])
def test_the_official_runner_predicts_the_moods_of_tag_rows(official, bundles, tags, tmp_path, name):
    """Python API, command line, official runner by protobuf and by JSON."""
    expected = model_directory.load(bundles / name).predict_rows(tags).rows.table.to_pylist()
    tables.write(tags, tmp_path / "tags.pb")
    command = [sys.executable, "-m", "imagemood", "mood", tmp_path / "tags.pb", "--model", bundles / name]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    by_command = [
        {"image": int(row["image"]), "tag": row["tag"], "score": float(row["score"])}
        for row in csv.DictReader(io.StringIO(text))
    ]
    with serving(official, bundles / name) as address:
        answer = ImageTagSet.FromString(post(address, (tmp_path / "tags.pb").read_bytes()))
        request = json.dumps({"ImageTags": tags.table.to_pylist()}).encode()
        as_json = json.loads(post(address, request, content_type=JSON, accept=JSON))
        assert ImageTagSet.FromString(post(address, b"")).ImageTags == []
        with pytest.raises(urllib.error.HTTPError, match="400"):
            post(address, ImageTagSet(ImageTags=[{"image": 0, "tag": "pier", "score": 2.0}]).SerializeToString())
    by_protobuf = [{"image": row.image, "tag": row.tag, "score": row.score} for row in answer.ImageTags]
    by_json = [{**row, "image": int(row["image"])} for row in as_json["ImageTags"]]
    assert [row["image"] for row in expected] == [40] * 8 + [7] * 8 + [12] * 8 + [99] * 8
    for rows in (by_command, by_protobuf, by_json):
        assert [(row["image"], row["tag"]) for row in rows] == [(row["image"], row["tag"]) for row in expected]
        np.testing.assert_allclose(
            [row.get("score", 0.0) for row in rows], [row["score"] for row in expected], atol=1e-6
        )


def request_of(path):
    return Image(mime_type="image/jpeg", image_binary=path.read_bytes()).SerializeToString()


def test_the_official_runner_classifies_pictures(official, bundles, sample_photos):
    with serving(official, bundles / "cascade") as address:
        for name in PHOTOS:
            answer = ImageTagSet.FromString(post(address, request_of(sample_photos / name)))
            moods = {row.tag: row.score for row in answer.ImageTags}
            assert moods == pytest.approx(imagemood.classify(sample_photos / name).moods, abs=1e-6)
            assert list(moods.values()) == sorted(moods.values(), reverse=True)


def test_two_official_runners_form_a_cascade(official, bundles, sample_photos):
    """The response of the tagger is a valid request of the mood classifier."""
    tags_model = imagemood.Cascade.load("tags")
    with serving(official, bundles / "tagger") as tagger, serving(official, bundles / "moods") as moods:
        for name in PHOTOS:
            tag_rows = post(tagger, request_of(sample_photos / name))
            assert len(ImageTagSet.FromString(tag_rows).ImageTags) == 1000
            answer = ImageTagSet.FromString(post(moods, tag_rows))
            found = {row.tag: row.score for row in answer.ImageTags}
            assert found == pytest.approx(tags_model.classify(sample_photos / name).moods, abs=1e-6)


def test_a_bundle_with_a_model_of_visual_features_is_rejected(tmp_path, training_set):
    values = np.zeros((240, len(visual.NAMES)), dtype=np.float32)
    values[:, 0] = np.arange(240)
    with_visual = TrainingSet(None, (), training_set.moods, visual=values, visual_names=visual.NAMES)
    train(with_visual, "logistic").write(tmp_path / "model")
    with pytest.raises(IncompatibleModelError, match="needs visual features, which a bundle cannot compute"):
        dump(tmp_path / "bundle", model=tmp_path / "model", options=BundleOptions(kind="cascade"))
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("file_name", "content", "expected"),
    [
        ("LICENSE", "Do what you like.", {"license": "Do what you like."}),
        (
            "license.json",
            '{"keyword": "MIT", "license": {"name": "MIT"}}',
            {"keyword": "MIT", "license": {"name": "MIT"}},
        ),
    ],
)
def test_a_licence_file_becomes_license_json(tmp_path, file_name, content, expected):
    (tmp_path / file_name).write_text(content)
    dump(tmp_path / "bundle", options=BundleOptions(license=str(tmp_path / file_name)))
    assert json.loads((tmp_path / "bundle" / "license.json").read_text()) == expected


def test_a_long_licence_text_is_not_looked_up_as_a_file(tmp_path):
    text = "All rights reserved. " * 500
    dump(tmp_path / "bundle", options=BundleOptions(license=text))
    assert json.loads((tmp_path / "bundle" / "license.json").read_text()) == {"license": text}


def test_the_name_of_the_model_is_in_the_metadata(tmp_path):
    dump(tmp_path / "bundle", options=BundleOptions(name="Stimmung"))
    assert json.loads((tmp_path / "bundle" / "metadata.json").read_text())["name"] == "Stimmung"


def test_a_missing_tagger_is_an_error(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.onnx"):
        dump(tmp_path / "bundle", tagger=tmp_path / "absent.onnx", options=BundleOptions(kind="tagger"))
    assert not (tmp_path / "bundle").exists()


def test_each_kind_of_bundle_has_its_own_protobuf_package(bundles):
    contexts = [json.loads(inside(bundles / name).read("context.json")) for name in ("moods", "cascade", "tagger")]
    assert len({context["protobuf_package"] for context in contexts}) == 3
