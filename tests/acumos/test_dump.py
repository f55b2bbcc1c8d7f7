from __future__ import annotations

import ast
import csv
import io
import json
import pickletools
import subprocess
import sys
import urllib.error
import zipfile
from pathlib import Path

import numpy as np
import pytest

import imagemood
from imagemood import tables
from imagemood.acumos import runner
from imagemood.acumos.dump import BundleOptions, dump
from imagemood.errors import BundleError, IncompatibleModelError, InputError
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
        pytest.skip("no Python 3.9 found for the official runner: set PYTHON39")
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
    """Tag rows of three images, with one tag twice and one that no model knows."""
    labels = imagemood.Tagger.load().labels
    scores = np.random.default_rng(0).dirichlet(np.full(1000, 0.02), size=3).astype(np.float32)
    rows = TagSet.from_matrix(scores, [40, 7, 12], labels, n_top=50).table.to_pydict()
    extra = ([7, 7, 99], ["volcano", "yeti", "yeti"], [0.01, 0.5, 1.0])
    return TagSet.from_rows(*(column + list(more) for column, more in zip(rows.values(), extra, strict=True)))


def inside(path):
    return zipfile.ZipFile(path / "model.zip")


def test_files_of_a_bundle(bundles):
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


def test_metadata_names_method_and_requirements(bundles):
    metadata = json.loads((bundles / "cascade" / "metadata.json").read_text())
    assert metadata["schema"] == "acumos.schema.model:0.6.0"
    assert metadata["methods"]["classify"]["input"]["name"] == "Image"
    assert metadata["methods"]["classify"]["output"]["name"] == "ImageTagSet"
    requirements = {r["name"]: r["version"] for r in metadata["runtime"]["dependencies"]["pip"]["requirements"]}
    assert {f"{name}=={version}" for name, version in requirements.items()} <= set(official_runner.REQUIREMENTS)
    assert "pillow" in requirements
    assert "pillow" not in (bundles / "moods" / "metadata.json").read_text()


def test_the_pickle_calls_one_function_and_holds_nothing_else(bundles):
    content = inside(bundles / "moods").read("model.pkl")
    assert [(code.name, argument) for code, argument, _ in pickletools.genops(content)] == [
        ("GLOBAL", "imagemood_runner load_model"),
        ("MARK", None),
        ("TUPLE", None),
        ("REDUCE", None),
        ("STOP", None),
    ]


def test_the_same_model_gives_the_same_bytes(bundles, tmp_path):
    dump(tmp_path / "again", options=BundleOptions(license="Apache-2.0"))
    assert (tmp_path / "again" / "model.zip").read_bytes() == (bundles / "moods" / "model.zip").read_bytes()


def test_what_travels_imports_nothing_of_ours_and_keeps_to_python_3_6():
    source = Path(runner.__file__).read_text("utf-8")
    tree = ast.parse(source, feature_version=(3, 6))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith("imagemood")]
    assert "__future__" not in imported


def test_message_classes_load_on_todays_protobuf(bundles):
    zipped = inside(bundles / "moods")
    (name,) = (name for name in zipped.namelist() if name.endswith("model_pb2.py"))
    namespace = {"__name__": "model_pb2"}
    exec(zipped.read(name), namespace)  # noqa: S102 (our own file)
    message = namespace["ImageTagSet"](ImageTags=[namespace["ImageTag"](image=3, tag="pier", score=0.5)])
    assert ImageTagSet.FromString(message.SerializeToString()).ImageTags[0].tag == "pier"


def test_a_bundle_is_a_model_of_ours_too(bundles, tags, forest_dir):
    expected = model_directory.load(forest_dir).predict_rows(tags).rows
    assert model_directory.load(bundles / "forest").predict_rows(tags).rows == expected
    assert model_directory.load(bundles / "cascade").inputs == ("tags", "embedding")
    with pytest.raises(BundleError, match="there is no such file in the archive"):
        model_directory.load(bundles / "tagger")


def test_a_changed_bundle_is_refused(bundles, tmp_path):
    (tmp_path / "changed").mkdir()
    with inside(bundles / "moods") as old, zipfile.ZipFile(tmp_path / "changed" / "model.zip", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:-1] + b"x" if name.endswith("model.onnx") else content)
    with pytest.raises(BundleError, match=r"model\.onnx: is not the file that was written"):
        model_directory.load(tmp_path / "changed")
    (tmp_path / "changed" / "model.zip").write_bytes(b"no zip")
    with pytest.raises(BundleError, match=r"model\.zip: is no zip file"):
        model_directory.load(tmp_path / "changed")


def test_a_model_does_not_replace_a_bundle_nor_a_bundle_a_model(bundles, forest_dir, training_set):
    with pytest.raises(InputError, match="is a folder of something else"):
        train(training_set, "logistic").write(bundles / "moods")
    with pytest.raises(InputError, match="is a folder of something else"):
        dump(forest_dir)
    assert (bundles / "moods" / "model.zip").exists()
    assert (forest_dir / "model.onnx").exists()


def test_what_cannot_be_dumped(tmp_path):
    with pytest.raises(IncompatibleModelError, match="needs tags and embedding, not rows of tags alone"):
        dump(tmp_path / "x", model="default")
    with pytest.raises(InputError, match="unknown kind of bundle 'soup'"):
        dump(tmp_path / "x", options=BundleOptions(kind="soup"))
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(InputError, match="is a folder of something else"):
        dump(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["moods", "forest"])
def test_every_way_to_the_same_numbers(official, bundles, tags, tmp_path, name):
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


def test_the_whole_cascade_in_one_service(official, bundles, sample_photos):
    with serving(official, bundles / "cascade") as address:
        for name in PHOTOS:
            answer = ImageTagSet.FromString(post(address, request_of(sample_photos / name)))
            moods = {row.tag: row.score for row in answer.ImageTags}
            assert moods == pytest.approx(imagemood.classify(sample_photos / name).moods, abs=1e-6)
            assert list(moods.values()) == sorted(moods.values(), reverse=True)


def test_a_cascade_of_two_services(official, bundles, sample_photos):
    """The tagger's answer is the mood service's request, byte for byte."""
    tags_model = imagemood.Cascade.load("tags")
    with serving(official, bundles / "tagger") as tagger, serving(official, bundles / "moods") as moods:
        for name in PHOTOS:
            tag_rows = post(tagger, request_of(sample_photos / name))
            assert len(ImageTagSet.FromString(tag_rows).ImageTags) == 1000
            answer = ImageTagSet.FromString(post(moods, tag_rows))
            found = {row.tag: row.score for row in answer.ImageTags}
            assert found == pytest.approx(tags_model.classify(sample_photos / name).moods, abs=1e-6)


@pytest.mark.parametrize(
    "path", sorted((Path(__file__).parents[1] / "corpus" / "bad").iterdir()), ids=lambda p: p.name
)
def test_bad_pictures_are_refused_there_too(path):
    with pytest.raises(Exception, match="."):
        runner.decode(path.read_bytes(), 224)


def test_pictures_are_decoded_as_by_imagemood(sample_photos):
    from imagemood.pictures import decoding

    for path in sorted(sample_photos.glob("*.[pj][np]g")):
        data = path.read_bytes()
        np.testing.assert_array_equal(runner.decode(data, 224), decoding.decode(data, size_px=224))
