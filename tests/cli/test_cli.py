from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

import imagemood
from imagemood import tables
from imagemood.cli.app import app
from imagemood.errors import InputError
from imagemood.learning import TrainingSet
from imagemood.models.model_hash import model_hash

BAD = Path(__file__).parents[1] / "corpus" / "bad"
MOODS = {"amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness"}


def run(*arguments, stdin=b"", cwd=None):
    """Run the real command as a user does, in a process of its own."""
    command = [sys.executable, "-W", "error", "-m", "imagemood", *map(str, arguments)]
    plain = {**os.environ, "COLUMNS": "80"}
    return subprocess.run(command, input=stdin, capture_output=True, check=False, cwd=cwd, env=plain)


def fails(*arguments, code, says, stdin=b""):
    done = run(*arguments, stdin=stdin)
    complaint = done.stderr.decode()
    assert done.returncode == code, complaint
    assert says in complaint
    assert "Traceback" not in complaint
    assert done.stdout == b""
    return complaint


@pytest.fixture(scope="module")
def photos(sample_photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for name in ("chelsea.png", "coffee.png", "rocket.jpg"):
        (folder / name).write_bytes((sample_photos / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def tag_file(photos, tmp_path_factory):
    path = tmp_path_factory.mktemp("tags") / "tags.csv.gz"
    assert run("tag", photos, "-o", path).returncode == 0
    return path


def test_classify_shows_a_table(photos):
    done = run("classify", photos)
    assert done.returncode == 0
    assert done.stderr == b""  # quiet in a pipe
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert text.splitlines()[0].split() == ["image", "mood", "probability", "valence", "arousal"]
    assert [text.count(str(photos / name)) for name in ("chelsea.png", "coffee.png", "rocket.jpg")] == [1, 1, 1]
    assert len(text.splitlines()) == 1 + 3 * 3


def test_classify_csv_has_a_row_for_each_picture_and_mood(photos):
    done = run("classify", photos / "rocket.jpg", photos / "chelsea.png", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert list(rows[0]) == ["image", "mood", "probability"]
    assert [row["image"] for row in rows] == [str(photos / "rocket.jpg")] * 8 + [str(photos / "chelsea.png")] * 8
    for start in (0, 8):
        probabilities = [float(row["probability"]) for row in rows[start : start + 8]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-6)
        assert {row["mood"] for row in rows[start : start + 8]} == MOODS


def test_classify_json_and_parquet_say_the_same(photos, tmp_path):
    done = run("classify", photos, "--format", "json", "--tags", 2, "--top", 3)
    objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [set(value) for value in objects] == [{"image", "moods", "affect", "tags"}] * 3
    assert [len(value["tags"]) for value in objects] == [2] * 3
    assert run("classify", photos, "--top", 3, "-o", tmp_path / "moods.parquet").returncode == 0
    rows = pq.read_table(tmp_path / "moods.parquet").to_pylist()
    expected = [(v["image"], mood, p) for v in objects for mood, p in v["moods"].items()]
    assert [tuple(row.values()) for row in rows] == [(i, m, pytest.approx(p, abs=1e-6)) for i, m, p in expected]


def test_api_and_command_agree(photos):
    done = run("classify", photos / "chelsea.png", "--format", "json")
    moods = json.loads(done.stdout)["moods"]
    assert moods == pytest.approx(imagemood.classify(photos / "chelsea.png").moods, abs=1e-6)


def test_picture_on_standard_input(photos):
    done = run("classify", "-", "--format", "json", stdin=(photos / "coffee.png").read_bytes())
    assert json.loads(done.stdout)["image"] == "-"


def test_bad_pictures_are_named_and_the_others_classified(photos):
    done = run("classify", BAD, photos / "coffee.png", "nowhere.jpg", "--format", "json")
    complaints = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(complaints) == len(list(BAD.iterdir())) + 1
    for path in BAD.iterdir():
        assert sum(line.startswith(f"error: {path}: ") for line in complaints) == 1
    assert "error: nowhere.jpg: No such file or directory" in complaints
    assert [json.loads(line)["image"] for line in done.stdout.decode().splitlines()] == [
        str(photos / "coffee.png")
    ]


def test_remarks_of_the_decoder_are_not_shown(tmp_path):
    """A damaged TIFF makes Pillow warn; the user gets one line, or an answer, and no warning."""
    ramp = PIL.Image.fromarray(np.arange(3 * 32 * 32, dtype=np.uint32).astype(np.uint8).reshape(32, 32, 3))
    ramp.save(tmp_path / "odd.tif")
    content = bytearray((tmp_path / "odd.tif").read_bytes())
    for place in range(len(content) - 120, len(content), 12):
        damaged = content.copy()
        damaged[place] ^= 0x40
        (tmp_path / f"{place}.tif").write_bytes(damaged)
    done = run("classify", tmp_path, "--format", "json")
    assert done.returncode in {0, 1}
    assert all(line.startswith("error: ") for line in done.stderr.decode().splitlines())


def test_all_pictures_bad(tmp_path):
    done = run("classify", BAD / "text.jpg", "--format", "csv")
    assert done.returncode == 1
    assert done.stdout == b"image,mood,probability\n"
    assert run("tag", BAD / "text.jpg", "-o", tmp_path / "tags.csv").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_own_model_and_own_tagger(photos, tmp_path):
    assert run("train", "--example", "--algorithm", "logistic", "-o", tmp_path / "model").returncode == 0
    done = run("classify", photos / "coffee.png", "--model", tmp_path / "model", "--format", "json")
    assert set(json.loads(done.stdout)["moods"]) == MOODS
    fails("classify", photos / "coffee.png", "--tagger", tmp_path / "none.onnx", code=2, says="No such file")
    fails("classify", photos / "coffee.png", "--model", tmp_path, code=2, says="is this a model directory?")


def test_tag_writes_rows_that_mood_reads(photos, tag_file, tmp_path):
    tags = tables.read(tag_file)
    assert tags.images == [str(photos / name) for name in ("chelsea.png", "coffee.png", "rocket.jpg")]
    done = run("mood", tag_file)
    assert done.returncode == 0
    assert done.stderr == b""
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert list(rows[0]) == ["image", "tag", "score"]
    assert len(rows) == 24
    direct = run("classify", photos, "--model", "tags", "--format", "csv").stdout.decode()
    expected = [
        (r["image"], r["mood"], pytest.approx(float(r["probability"]), abs=1e-6))
        for r in csv.DictReader(io.StringIO(direct))
    ]
    assert [(r["image"], r["tag"], float(r["score"])) for r in rows] == expected


def test_every_format_of_tag_rows_gives_the_same_moods(photos, tmp_path):
    answers = []
    for ending in ("csv", "jsonl", "parquet", "pb"):
        path = tmp_path / f"tags.{ending}"
        assert run("tag", photos, "--index", "--top", 30, "-o", path).returncode == 0
        assert run("mood", path, "-o", tmp_path / f"moods-{ending}.csv").returncode == 0
        answers.append((tmp_path / f"moods-{ending}.csv").read_text())
    assert answers == [answers[0]] * 4
    assert answers[0].splitlines()[1].startswith("0,")
    piped = run("mood", "-", "--input-format", "protobuf", stdin=(tmp_path / "tags.pb").read_bytes())
    assert piped.stdout.decode() == answers[0]


def test_the_same_picture_twice_is_tagged_once(photos):
    done = run("tag", photos / "coffee.png", photos / "coffee.png")
    assert len(done.stdout.decode().splitlines()) == 1001
    indexed = run("tag", photos / "coffee.png", photos / "coffee.png", "--index", "--top", 1)
    assert [line[:2] for line in indexed.stdout.decode().splitlines()[1:]] == ["0,"]


def test_protobuf_needs_numbers(photos, tmp_path):
    fails("tag", photos, "-o", tmp_path / "tags.pb", code=2, says="number them with --index")
    assert list(tmp_path.iterdir()) == []


def test_unknown_tags_are_counted_and_reported_once(tmp_path):
    (tmp_path / "tags.csv").write_text("image,tag,score\n0,crane,0.5\n0,volcano,0.5\n1,crane,1\n1,yeti,0.1\n")
    done = run("mood", tmp_path / "tags.csv")
    assert done.returncode == 0
    warnings = done.stderr.decode().splitlines()
    assert warnings == [
        "warning: 3 rows skipped: the model does not know 2 of the tags, such as 'crane', 'yeti'",
        "warning: 1 pictures have no known tag and get the prior probabilities, such as 1",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("image,tag,score\n0,cat,abc\n", "tags.csv, row 1, field 'score': is 'abc', not a number"),
        ("image,tag,score\n0,cat,0.5\n0,dog\n", "tags.csv, row 2: has 2 fields, not 3"),
        ("image,tag\n0,cat\n", "tags.csv: no column 'score'"),
        ("", "tags.csv: has no rows"),
    ],
)
def test_bad_tag_file_writes_nothing(tmp_path, content, says):
    (tmp_path / "tags.csv").write_text(content)
    fails("mood", tmp_path / "tags.csv", "-o", tmp_path / "moods.csv", code=2, says=says)
    assert [path.name for path in tmp_path.iterdir()] == ["tags.csv"]


def test_embedding_models_refuse_tag_rows(tag_file):
    fails("mood", tag_file, "--model", "default", code=2, says="needs the tagger's embedding, not only tags")


def test_train_from_tag_rows_and_labels(tag_file, tmp_path):
    (tmp_path / "labels.txt").write_text("joy\ncalm\njoy\n")
    done = run(
        "train", "--tags", tag_file, "--labels", tmp_path / "labels.txt", "--algorithm", "rf", "-o", tmp_path / "m"
    )
    assert done.returncode == 0, done.stderr
    assert b"rf, trained on 3 pictures, 2 moods, 1000 tags" in done.stderr
    done = run("mood", tag_file, "--model", tmp_path / "m")
    assert {row["tag"] for row in csv.DictReader(io.StringIO(done.stdout.decode()))} == {"joy", "calm"}


def test_wrong_number_of_labels_gives_both_numbers(tag_file, tmp_path):
    (tmp_path / "labels.txt").write_text("joy\ncalm\n")
    fails(
        "train",
        "--tags",
        tag_file,
        "--labels",
        tmp_path / "labels.txt",
        "-o",
        tmp_path / "m",
        code=2,
        says="2 labels for 3 images",
    )
    assert not (tmp_path / "m").exists()


@pytest.fixture(scope="module")
def labelled(photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    for mood, name in (("calm", "chelsea.png"), ("calm", "coffee.png"), ("joy", "rocket.jpg")):
        (folder / mood).mkdir(exist_ok=True)
        for copy in range(3):
            (folder / mood / f"{copy}-{name}").write_bytes((photos / name).read_bytes())
    return folder


def test_train_and_evaluate_from_folders_of_photos(labelled, photos, tmp_path):
    assert run("train", "--images", labelled, "-o", tmp_path / "model").returncode == 0
    done = run("classify", photos / "rocket.jpg", "--model", tmp_path / "model", "--format", "json")
    assert next(iter(json.loads(done.stdout)["moods"])) == "joy"
    done = run("evaluate", "--images", labelled, "--folds", 3, "--format", "json")
    assert json.loads(done.stdout)["accuracy"] == 1.0


def test_training_names_photos_that_fail(labelled, tmp_path):
    (labelled / "joy" / "broken.jpg").write_bytes(b"no picture")
    done = run("train", "--images", labelled, "--inputs", "tags", "-o", tmp_path / "model")
    (labelled / "joy" / "broken.jpg").unlink()
    assert done.returncode == 1
    assert f"error: {labelled / 'joy' / 'broken.jpg'}: is no picture" in done.stderr.decode()
    assert json.loads((tmp_path / "model" / "metadata.json").read_text())["training_set"]["n_images"] == 9


def test_evaluate_example(tmp_path):
    done = run("evaluate", "--example", "--algorithm", "logistic", "--folds", 3)
    assert done.returncode == 0
    assert done.stdout.decode().split()[:4] == ["precision", "recall", "f1", "support"]
    assert done.stderr == b""


def test_summary_shows_the_tags_behind_each_mood():
    done = run("summary", 2, "--example", "--format", "json")
    strongest = json.loads(done.stdout)
    assert set(strongest) == MOODS
    expected = TrainingSet.example().summary(2)
    assert {mood: list(rows.items()) for mood, rows in strongest.items()} == expected
    text = run("summary", 2, "--example").stdout.decode()
    assert len([line for line in text.splitlines() if line.startswith("  ")]) == 16


def test_search_and_augmentation(tmp_path):
    arguments = ("--example", "--mask", "0.25,1", "--noise", 0.1, "--search", "-o", tmp_path / "model")
    done = run("train", *arguments)
    assert done.returncode == 0
    assert done.stderr.decode().count("accuracy 0.") == 4
    parameters = json.loads((tmp_path / "model" / "metadata.json").read_text())["parameters"]
    assert parameters["augmentation"] == {"mask_fractions": [0.25, 1.0], "noise": 0.1, "random_state": 0}


@pytest.mark.parametrize(
    ("flags", "takes"), [([], "ImageTagSet"), (["--cascade"], "Image"), (["--tagger"], "Image")]
)
def test_acumos_dump(tmp_path, flags, takes):
    done = run(
        "acumos", "dump", *flags, "--license", "Apache-2.0", "--name", "my moods", "-o", tmp_path / "bundle"
    )
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "bundle" / "metadata.json").read_text())
    assert metadata["name"] == "my moods"
    assert metadata["methods"]["classify"]["input"]["name"] == takes
    assert json.loads((tmp_path / "bundle" / "license.json").read_text()) == {"license": "Apache-2.0"}


def test_acumos_push_hides_the_token_and_warns_of_plain_http(tmp_path, monkeypatch):
    monkeypatch.setenv("ACUMOS_TOKEN", "secret-token")
    assert run("acumos", "dump", "-o", tmp_path / "bundle").returncode == 0
    says = "error: http://127.0.0.1:1/push: cannot be reached"
    complaint = fails("acumos", "push", tmp_path / "bundle", "-a", "http://127.0.0.1:1/push", code=1, says=says)
    assert "warning" not in complaint
    says = (
        "warning: http://nowhere.invalid/push is not encrypted: "
        "anyone on the network can read your token and password"
    )
    complaint = fails(
        "acumos", "push", tmp_path / "bundle", "-a", "http://nowhere.invalid/push", code=1, says=says
    )
    assert "secret-token" not in complaint


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["acumos", "dump", "--cascade", "--tagger", "-o", "b"], "exclude each other"),
        (["acumos", "dump", "--network", "x.onnx", "-o", "b"], "has no tagger"),
        (["acumos", "dump", "--tagger", "--model", "tags", "-o", "b"], "has no mood classifier"),
        (["acumos", "dump", "--model", "default", "-o", "b"], "not rows of tags alone"),
        (["acumos", "push", "b"], "--push-address"),
        (["acumos", "push", "b", "-a", "http://127.0.0.1:1"], "model.zip: cannot be read"),
        (["train", "--example", "--mask", "half", "-o", "m"], "invalid --mask 'half' (separate numbers"),
        (["evaluate", "--example", "--mask", "0,1"], "invalid --mask '0,1' (use fractions above 0"),
        (["train", "--example", "--noise", "2", "-o", "m"], "--noise"),
        (["classify"], "Missing argument"),
        (["classify", "x.jpg", "--top", "0"], "--top"),
        (["classify", "x.jpg", "--format", "xml"], "--format"),
        (["classify", "x.jpg", "-o", "moods.doc"], "its ending does not tell its format"),
        (["classify", "x.jpg", "-o", "moods.pb"], "cannot be written as protobuf"),
        (["train", "-o", "m"], "exactly one training set is required"),
        (["train", "--example", "--images", "x", "-o", "m"], "exactly one training set is required"),
        (["train", "--tags", "t.csv", "-o", "m"], "--tags and --labels require each other"),
        (["train", "--example", "--inputs", "embedding+tags", "-o", "m"], "requires pictures"),
        (["train", "--images", "nowhere", "-o", "m"], "nowhere: no such folder"),
        (["train", "--example", "-o", "."], "the folder is not empty"),
        (["evaluate", "--example", "--folds", "1"], "--folds"),
        (["mood", "nowhere.csv"], "nowhere.csv: cannot be read: No such file or directory"),
        (["train", "--example", "--inputs", "tags+pixels", "-o", "m"], "invalid --inputs 'tags+pixels'"),
        (["train", "--example", "--inputs", "tags+visual", "-o", "m"], "there is no input 'visual' to learn from"),
        (["train", "--example", "--features", "f.csv", "-o", "m"], "--features requires --tags"),
        (["evaluate", "--example", "--report", "."], "the folder is not empty"),
        (["compare", "--example", "--sample", "5", "--work", "w"], "has none with the mood"),
        (["compare", "--example", "--work", "something"], "something: cannot create the folder: File exists"),
        (["compare", "--images", "nowhere", "--work", "w"], "nowhere: no such folder"),
        (["features", "x.jpg", "-o", "features.pb"], "features cannot be written as protobuf"),
        (["mood", "nowhere.csv", "--features", "f.csv"], "f.csv: cannot be read"),
        (["info", "--device", "gpu"], "error: unknown device 'gpu' (use auto, cpu, cuda, or cuda:N"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_exits_2(arguments, says, monkeypatch, tmp_path):
    (tmp_path / "something").touch()
    monkeypatch.chdir(tmp_path)
    fails(*arguments, code=2, says=says)


def test_output_that_cannot_be_written(photos, tmp_path):
    fails(
        "classify",
        photos / "coffee.png",
        "-o",
        tmp_path / "no" / "x.csv",
        code=2,
        says="cannot be written: No such file",
    )


def test_info_and_version():
    facts = json.loads(run("info", "--device", "cpu", "--format", "json").stdout)
    assert facts["version"] == imagemood.__version__
    assert facts["hash"] == model_hash()
    assert set(facts["moods"]) == MOODS
    assert facts["device"] == "cpu"
    assert facts["providers"] == ["CPUExecutionProvider"]
    assert b"CPUExecutionProvider" in run("info").stdout
    assert run("--version").stdout.decode().strip() == f"imagemood {imagemood.__version__}"


@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        ["classify", "PHOTOS"],
        ["tag", "PHOTOS"],
        ["search", "PHOTOS", "--mood", "awe"],
        ["train", "--images", "PHOTOS", "-o", "m"],
        ["evaluate", "--images", "PHOTOS"],
        ["compare", "--images", "PHOTOS", "--work", "w"],
        ["summary", "5", "--images", "PHOTOS"],
        ["serve", "--no-downstream", "--port", "PORT"],
        ["info"],
    ],
    ids=lambda command: command[0],
)
def test_the_device_reaches_the_network(command, by_environment, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as once_free:
        values = {"PHOTOS": str(photos), "PORT": str(once_free.getsockname()[1])}
    command = [values.get(word, word) for word in command]
    if by_environment:
        monkeypatch.setenv("IMAGEMOOD_DEVICE", "cuda:9999")
    else:
        command += ["--device", "cuda:9999"]
    with pytest.raises(InputError, match=r"^device cuda:9999: "):
        app(command, standalone_mode=False)


def test_demo_credits_each_picture():
    text = run("demo").stdout.decode()
    for words in ("Chelsea the cat", "Stefan van der Walt", "CC0", "Hubble", "NASA", "public domain"):
        assert words in text


def test_every_command_has_help_with_an_example():
    for command in (
        "classify",
        "tag",
        "features",
        "mood",
        "train",
        "evaluate",
        "compare",
        "summary",
        "info",
        "demo",
    ):
        assert f"Example: imagemood {command}" in run(command, "--help").stdout.decode()


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from imagemood.cli.app import app; app(['--help'], standalone_mode=False); "
        "print(*sorted({m.split('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stderr.split()
    assert not {"numpy", "pyarrow", "onnxruntime", "sklearn", "PIL", "google", "onnx", "skimage", "cv2"} & set(
        loaded
    )


def test_classify_loads_nothing_of_training(photos):
    code = (
        "import sys, imagemood; imagemood.classify(sys.argv[1]); "
        "print(*{m.split('.')[0] for m in sys.modules}, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, str(photos / "coffee.png")]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stderr.split()
    assert "onnxruntime" in loaded
    assert not {"sklearn", "scipy", "skl2onnx", "onnx", "skimage", "cv2", "pywt", "psutil"} & set(loaded)


def test_a_closed_pipe_is_no_traceback(photos):
    command = f"{sys.executable} -m imagemood tag {photos} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, text=True)
    assert done.stdout == "image,tag,score\n"
    assert "Traceback" not in done.stderr


def test_features_write_a_table_that_training_and_mood_take(photos, tag_file, tmp_path):
    """The whole way of visual features through files: measured, learned from, answered with."""
    table = tmp_path / "features.parquet"
    done = run("features", photos, BAD / "text.jpg", "-o", table)
    assert done.returncode == 1
    assert done.stderr.decode().startswith(f"error: {BAD / 'text.jpg'}: ")
    rows = pq.read_table(table)
    assert rows.num_rows == 3
    assert rows.column_names[:3] == ["image", "saturation_mean", "brightness_mean"]
    (tmp_path / "labels.txt").write_text("joy\ncalm\njoy\n")
    source = ("--tags", tag_file, "--labels", tmp_path / "labels.txt", "--features", table)
    done = run("train", *source, "--inputs", "tags+visual", "-o", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    assert b"1000 tags, 71 visual features" in done.stderr
    from_rows = run("mood", tag_file, "--features", table, "--model", tmp_path / "model")
    from_pictures = run("classify", photos, "--model", tmp_path / "model", "--format", "csv")
    answers = [
        {
            tuple(row.values())[:2]: float(tuple(row.values())[2])
            for row in csv.DictReader(io.StringIO(text.decode()))
        }
        for text in (from_rows.stdout, from_pictures.stdout)
    ]
    assert len(answers[0]) == 6
    assert answers[0] == pytest.approx(answers[1], abs=1e-6)
    fails("mood", tag_file, "--model", tmp_path / "model", code=2, says="this model needs visual features")
    says = "needs visual features, which a bundle does not measure"
    fails("acumos", "dump", "--cascade", "--model", tmp_path / "model", "-o", tmp_path / "b", code=2, says=says)


def test_features_on_standard_output(photos):
    done = run("features", photos / "coffee.png", "--format", "jsonl")
    row = json.loads(done.stdout)
    assert row["image"] == str(photos / "coffee.png")
    assert len(row) == 72
    assert run("features", photos / "coffee.png").stdout.decode().startswith("image,saturation_mean,")


def test_train_on_features_of_photos(labelled, photos, tmp_path):
    done = run("train", "--images", labelled, "--inputs", "visual", "--balanced", "-o", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    metadata = json.loads((tmp_path / "model" / "metadata.json").read_text())
    assert metadata["inputs"] == ["visual"]
    assert metadata["parameters"]["balanced"] is True
    done = run("classify", photos / "rocket.jpg", "--model", tmp_path / "model", "--format", "json")
    assert next(iter(json.loads(done.stdout)["moods"])) == "joy"


def test_compare_prints_a_table_and_goes_on_where_it_was(tmp_path):
    arguments = ("compare", "--example", "--algorithm", "logistic", "--algorithm", "mlp", "--folds", 3)
    work = ("--work", tmp_path / "work", "--sample", 400)
    done = run(*arguments, *work)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert lines[0].split()[:4] == ["algorithm", "inputs", "accuracy", "macro"]
    assert {line.split()[0] for line in lines[1:3]} == {"logistic", "mlp"}
    assert lines[1].split()[2] == "best"
    assert "400 images, 3 folds" in lines[3]
    kept = (tmp_path / "work" / "folds.jsonl").read_text().splitlines()
    assert len(kept) == 6
    again = run(*arguments, *work, "-o", tmp_path / "comparison.json")
    assert again.stdout == b""
    values = json.loads((tmp_path / "comparison.json").read_text())
    assert [cell["algorithm"] for cell in values["cells"]] == [line.split()[0] for line in lines[1:3]]
    assert (tmp_path / "work" / "folds.jsonl").read_text().splitlines() == kept


@pytest.mark.parametrize(
    ("command", "n_folds"),
    [
        (["compare", "--example", "--algorithm", "logistic", "--algorithm", "extra-trees"], 10),
        (["evaluate", "--example", "--algorithm", "svm", "--folds", "8"], 8),
        (["evaluate", "--example", "--algorithm", "rf", "--folds", "8"], 8),
    ],
    ids=["compare", "evaluate-svm", "evaluate-rf"],
)
def test_an_interrupted_command_resumes(tmp_path, command, n_folds):
    """Ctrl-C goes to the command and its workers; finished folds are kept, and nobody prints a traceback."""
    work = tmp_path / "work"
    arguments = [*command, "--work", str(work)]
    process = subprocess.Popen(
        [sys.executable, "-m", "imagemood", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (work / "folds.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, complaint = process.communicate(timeout=60)
    assert process.returncode not in {0, 1, 2}
    assert output == b""
    assert b"Traceback" not in complaint
    kept = (work / "folds.jsonl").read_text().splitlines()
    assert 1 <= len(kept) < n_folds
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    finished = (work / "folds.jsonl").read_text().splitlines()
    assert finished[: len(kept)] == kept
    assert len(finished) == n_folds


def test_search_goes_on_where_it_was(tmp_path):
    arguments = ("train", "--example", "--search", "--work", tmp_path / "work", "-o", tmp_path / "model")
    first = run(*arguments)
    kept = (tmp_path / "work" / "folds.jsonl").read_text()
    again = run(*arguments)
    assert first.stderr == again.stderr
    assert len(kept.splitlines()) == 20
    assert (tmp_path / "work" / "folds.jsonl").read_text() == kept


def test_report_of_photos(photos, tmp_path):
    labelled = tmp_path / "labelled"
    for mood, name in (("calm", "coffee.png"), ("joy", "rocket.jpg")):
        (labelled / mood).mkdir(parents=True)
        for copy in range(6):
            (labelled / mood / f"{copy}-{name}").write_bytes((photos / name).read_bytes())
    done = run("evaluate", "--images", labelled, "--folds", 3, "--report", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert f"wrote the report to {tmp_path / 'report' / 'index.html'}" in done.stderr.decode()
    assert done.stdout.decode().split()[0] == "precision"
    values = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [p["size_px"] for p in values["resolution_curve"]["tags"]] == [16, 32, 64, 96, 128, 160, 224]
    assert set(values["resolution_curve"]) == {"tags", "tags+embedding"}
    assert values["learning_curve"][-1]["n_images"] == 8
    assert b"Traceback" not in done.stderr
