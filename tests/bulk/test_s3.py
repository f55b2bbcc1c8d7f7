"""Pictures from and datasets in an object store: an S3 server on loopback."""

from __future__ import annotations

import os

import boto3
import pytest

from imagemood.prediction.cascade import Cascade
from tests.bulk.conftest import imagemood, rows_of, write_photos
from tests.servers import s3_server


@pytest.fixture(scope="module")
def server():
    with s3_server() as server:
        yield server


@pytest.fixture(scope="module")
def environment(server):
    return {**os.environ, **server.environment}


@pytest.fixture(scope="module")
def bucket(server, tmp_path_factory):
    """A bucket with 40 pictures, one of which is damaged, and other objects."""
    client = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="anyone",
        aws_secret_access_key="anything",  # noqa: S106 (of a server of our own)
    )
    client.create_bucket(Bucket="library")
    folder = write_photos(tmp_path_factory.mktemp("originals"), 40)
    for i, path in enumerate(sorted(folder.iterdir())):
        client.put_object(
            Bucket="library", Key=f"album/{'ü b' if i % 2 else 'a'}/{path.name}", Body=path.read_bytes()
        )
    client.put_object(Bucket="library", Key="album/a/broken.jpg", Body=b"not a picture")
    client.put_object(Bucket="library", Key="album/a/letter.txt", Body=b"not a picture")
    return client, folder


def keys(client, prefix):
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="library", Prefix=prefix).get("Contents", [])]


def test_from_and_to_a_bucket(bucket, environment, tmp_path):
    client, folder = bucket
    request = ("bulk", "s3://library/album", "-o", "s3://library/moods", "--format", "json")
    done = imagemood(*request, env=environment)
    assert done.returncode == 1, done.stderr
    assert '"n": 41' in done.stdout
    assert '"unsupported image format": 1' in done.stdout
    parts = [key for key in keys(client, "moods/") if "/part-" in key]
    assert len(parts) == 3

    written = {key: client.head_object(Bucket="library", Key=key)["LastModified"] for key in parts}
    client.delete_object(Bucket="library", Key=parts[1])
    assert imagemood(*request, env=environment).returncode == 1
    assert [key for key in keys(client, "moods/") if "/part-" in key] == parts
    for key in (parts[0], parts[2]):
        assert client.head_object(Bucket="library", Key=key)["LastModified"] == written[key]

    expected = {result.image: result for result in Cascade.load().classify_many(folder)}
    best = max(expected.values(), key=lambda result: result.moods["awe"])
    search = imagemood(
        "search", "s3://library/moods", "--mood", "awe", "--top", "1", "--format", "csv", env=environment
    )
    path, probability = search.stdout.splitlines()[1].split(",")[:2]
    assert path.endswith(best.image.rpartition("/")[2])
    assert float(probability) == pytest.approx(best.moods["awe"], abs=1e-6)

    gallery = imagemood(
        "gallery", "s3://library/moods", "-o", tmp_path / "page.html", "--top", "2", env=environment
    )
    assert gallery.returncode == 0
    assert gallery.stderr == ""
    assert (tmp_path / "page.html").read_text("utf-8").count("data:image/jpeg") == 16


def test_from_a_glob_to_a_local_folder(bucket, environment, tmp_path):
    done = imagemood("bulk", "s3://library/al*/a/*[0-9].jpg", "-o", tmp_path / "moods", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 pictures: 20 classified")


def test_missing_objects_are_rows_with_errors(bucket, environment, tmp_path):
    (tmp_path / "list.jsonl").write_text(
        '{"path": "s3://library/album/a/000.jpg"}\n{"path": "s3://library/album/gone.jpg"}\n{"path": null}\n'
    )
    done = imagemood(
        "bulk", tmp_path / "list.jsonl", "--column", "path", "-o", tmp_path / "moods", env=environment
    )
    assert done.returncode == 1
    assert "3 pictures: 1 classified, 2 failed" in done.stdout
    assert "No such file or directory, such as s3://library/album/gone.jpg" in done.stdout


@pytest.mark.parametrize(
    ("source", "target", "message", "code"),
    [
        ("s3://library/nothing", "moods", "No such file or directory", 2),
        ("s3://nobody/photos", "moods", "No such file or directory", 2),
        ("s3://library/album", "s3://nobody/moods", "cannot be written", 1),
    ],
)
def test_missing_sources_and_targets_are_errors(bucket, environment, tmp_path, source, target, message, code):
    done = imagemood("bulk", source, "-o", target, env=environment, cwd=tmp_path)
    assert (done.returncode, message in done.stderr, done.stderr.count("\n")) == (code, True, 1), done.stderr


def test_classify_takes_from_a_bucket_what_bulk_takes(bucket, environment, tmp_path):
    done = imagemood("classify", "s3://library/album", "--format", "csv", "--top", "1", env=environment)
    assert done.returncode == 1
    assert done.stderr == "error: s3://library/album/a/broken.jpg: unsupported image format\n"
    classified = dict(line.split(",")[:2] for line in done.stdout.splitlines()[1:])

    imagemood("bulk", "s3://library/album", "-o", tmp_path / "moods", env=environment)
    rows = rows_of(tmp_path / "moods").to_pylist()
    assert classified == {row["path"]: row["mood"] for row in rows if row["error"] is None}
    assert len(classified) == 40


def test_a_table_in_a_bucket_for_several_commands(bucket, environment):
    client, _ = bucket
    names = "path\ns3://library/album/a/000.jpg\ns3://library/album/a/002.jpg\n"
    client.put_object(Bucket="library", Key="lists/list.csv", Body=names.encode())
    for command in ("classify", "tag", "features"):
        table = ("s3://library/lists/list.csv", "--column", "path", "--format", "csv")
        done = imagemood(command, *table, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        images = {line.split(",")[0] for line in done.stdout.splitlines()[1:]}
        assert images == set(names.splitlines()[1:])
