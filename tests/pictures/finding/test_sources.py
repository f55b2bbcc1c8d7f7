"""Sources of pictures, as users name them: files, folders, patterns, tables, URLs and object stores."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.errors import InputError, MissingExtraError, NoPicturesError, RemoteError
from imagemood.pictures import formats
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.finding.selection import SearchOptions
from imagemood.pictures.finding.skipped import SkipKind
from imagemood.pictures.finding.sources import find_pictures, list_pictures
from imagemood.pictures.reading import storage
from imagemood.pictures.reading.store_configuration import connect
from imagemood.tables import encode
from tests.hostile_names import NAMES, picture_content, write_pictures

FILES = (
    "b.jpg",
    "a.PNG",
    "sub/c.jpeg",
    "sub/deep/d.webp",
    "sub-2/e.gif",
    "notes.txt",
    ".hidden.jpg",
    ".git/f.jpg",
)
PICTURES = ["a.PNG", "b.jpg", "sub-2/e.gif", "sub/c.jpeg", "sub/deep/d.webp"]


@pytest.fixture(params=["relative", "absolute", "s3"])
def root(request, tmp_path, monkeypatch) -> str:
    """The same files in a folder, by relative or absolute path, or in a store."""
    monkeypatch.chdir(tmp_path)
    if request.param == "s3":
        request.getfixturevalue("s3")
    root = {"relative": "photos", "absolute": str(tmp_path / "photos"), "s3": "s3://photos/photos"}[request.param]
    for name in FILES:
        storage.write(f"{root}/{name}", name.encode())
    return root


def names(*sources, column=None) -> list[str]:
    return [picture.name for picture in find_pictures(sources, column)]


def test_a_folder_is_searched_for_pictures_sorted_by_path(root):
    assert names(root) == [f"{root}/{name}" for name in PICTURES]
    assert names(f"{root}/") == names(root)
    assert list(list_pictures(root).names) == names(root)
    assert [picture.read() for picture in find_pictures([root])] == [name.encode() for name in PICTURES]


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """The names of pictures in the working directory that are hard to write down, and the content of each."""
    monkeypatch.chdir(tmp_path)
    in_order = write_pictures(tmp_path)
    contents = {name: picture_content(number) for number, name in enumerate(NAMES.values())}
    return {name: contents[name] for name in in_order}


def contents_of(pictures):
    return {picture.name: picture.read() for picture in pictures}


def test_names_are_valid_unicode_and_open_their_own_file(hostile):
    expected = {f"./{name}": content for name, content in hostile.items()}
    assert contents_of(find_pictures(["."])) == expected
    listed = list(list_pictures(".").names)
    assert listed == list(expected)
    assert contents_of(map(opener(folder="."), listed)) == expected
    assert contents_of(find_pictures(["**/*.jpg", "error*"])) == hostile


@pytest.mark.parametrize("path", NAMES, ids=repr)
def test_every_file_can_be_named_by_its_path(path, hostile):
    if "[" not in os.fsdecode(path):
        (picture,) = find_pictures([os.fsdecode(path)])
        assert contents_of([picture]) == {NAMES[path]: hostile[NAMES[path]]}


def test_an_argument_may_be_a_name_if_it_is_not_a_path(hostile, tmp_path):
    (tmp_path / r"caf\xe9.jpg").unlink()
    for argument in (r"caf\xe9.jpg", r"dir\xff", r"dir\xff/a.jpg", r"dir\xff/*"):
        (picture,) = find_pictures([argument])
        assert picture.read() == hostile[picture.name]
        assert picture.name.startswith(argument[:5])


@pytest.mark.parametrize("extension", [".csv", ".jsonl", ".parquet"])
def test_tables_may_have_the_names_of_pictures(hostile, extension, tmp_path):
    table = os.fsdecode(b"\xfftable" + extension.encode())
    if extension == ".jsonl":
        (tmp_path / table).write_text("".join(json.dumps({"image": name}) + "\n" for name in hostile))
    else:
        content = encode(pa.table({"image": list(hostile)}), extension[1:])
        (tmp_path / table).write_bytes(content)
    assert contents_of(find_pictures([table], "image")) == hostile


def test_a_table_of_picture_files_with_any_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with (tmp_path / os.fsdecode(b"\xff.parquet")).open("wb") as file:
        pq.write_table(pa.table({"image": [b"1", b"2"]}), file)
    (found,) = {picture.name.partition("#")[0] for picture in find_pictures(["."], "image")}
    assert found == r"./\xff.parquet"
    pictures = find_pictures([os.fsdecode(b"\xff.parquet")], "image")
    assert contents_of(pictures) == {r"\xff.parquet#0": b"1", r"\xff.parquet#1": b"2"}


def test_errors_name_the_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (picture,) = find_pictures([os.fsdecode(b"gone\xe9.jpg")])
    assert picture.name == r"gone\xe9.jpg"
    assert str(picture.error) == r"gone\xe9.jpg: No such file or directory"


def test_the_order_of_the_sources_is_kept(root):
    assert names(f"{root}/b.jpg", f"{root}/sub", f"{root}/a.PNG") == [
        f"{root}/{name}" for name in ("b.jpg", "sub/c.jpeg", "sub/deep/d.webp", "a.PNG")
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jpg", ["b.jpg"]),
        ("**/*.jpeg", ["sub/c.jpeg"]),
        ("sub*", ["sub-2/e.gif", "sub/c.jpeg", "sub/deep/d.webp"]),
        ("sub*/*.*", ["sub-2/e.gif", "sub/c.jpeg"]),
        ("*/deep", ["sub/deep/d.webp"]),
        ("*/deep/", ["sub/deep/d.webp"]),
        ("[an]*", ["a.PNG", "notes.txt"]),
        (".*/*.jpg", [".git/f.jpg"]),
        ("**", [*PICTURES[:2], "notes.txt", *PICTURES[2:]]),
    ],
)
def test_patterns(root, pattern, expected):
    assert names(f"{root}/{pattern}") == [f"{root}/{name}" for name in expected]
    assert list(list_pictures(f"{root}/{pattern}").names) == names(f"{root}/{pattern}")


@pytest.mark.parametrize("name", ["[1].jpg", "what?.jpg", "*.jpg"])
def test_a_file_whose_name_looks_like_a_pattern(root, name):
    storage.write(f"{root}/{name}", b"one")
    (picture,) = find_pictures([f"{root}/{name}"])
    assert picture.read() == b"one"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("absent.jpg", "No such file or directory"),
        ("*.bmp", "matches no file"),
        ("notes*/*", "matches no file"),
        ("list.csv", r"a table, not a picture \(classify, tag, features and bulk read tables of"),
    ],
)
def test_a_source_that_cannot_be_used_does_not_affect_the_others(root, source, message):
    first, second = find_pictures([f"{root}/{source}", f"{root}/b.jpg"])
    assert first.name == f"{root}/{source}"
    with pytest.raises(InputError, match=message) as caught:
        first.read()
    assert str(caught.value).startswith(f"{root}/{source}: ")
    assert caught.value is first.error
    assert second.error is None
    assert second.read() == b"b.jpg"
    with pytest.raises(InputError, match=message):
        list(list_pictures(f"{root}/{source}").names)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("photos/b.jpg/x", "Not a directory"),
        ("empty", "contains no pictures"),
        ("x" * 300 + ".jpg", "File name too long"),
        ("nu\0l.jpg", "null byte"),
        ("nu\0l/*.jpg", "cannot be listed: .*null byte"),
        ("x" * 300 + "/*.jpg", "cannot be listed: File name too long"),
        ("", "missing path"),
        ("https://example.org/photos/", "the files of a web server cannot be listed"),
        ("s3://buck*/photos", "the name of a bucket cannot have wildcards"),
    ],
)
def test_other_sources_that_cannot_be_used(tmp_path, monkeypatch, source, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "b.jpg").touch()
    first, second = find_pictures([source, "photos/b.jpg"])
    with pytest.raises(InputError, match=message):
        first.decode()
    assert second.error is None
    with pytest.raises(InputError, match=message):
        list(list_pictures(source).names)


def test_a_folder_that_cannot_be_listed_does_not_affect_the_others(tmp_path, lock):
    for name in ("a/1.jpg", "locked/2.jpg", "z/3.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    lock("locked")
    found = find_pictures([tmp_path])
    assert [picture.name for picture in found] == [
        f"{tmp_path}/{name}" for name in ("a/1.jpg", "locked", "z/3.jpg")
    ]
    assert [str(picture.error) for picture in found if picture.error] == [
        f"{tmp_path}/locked: cannot be listed: Permission denied"
    ]
    assert len(find_pictures([tmp_path / "locked"])) == 1
    with pytest.raises(InputError, match="locked: cannot be listed"):
        list(list_pictures(str(tmp_path)).names)


@pytest.mark.usefixtures("installed_by_pip")
def test_a_folder_without_pictures_states_what_it_has_and_what_to_install(root, monkeypatch):
    monkeypatch.setattr(formats, "has_heif", lambda: False)
    monkeypatch.setattr(formats, "has_video", lambda: False)
    for name in ("phone/1.HEIC", "phone/2.heic", "phone/sub/3.mov", "phone/notes.txt", "phone/@eaDir/4.jpg"):
        storage.write(f"{root}/{name}", b"")
    (picture,) = find_pictures([f"{root}/phone"])
    assert isinstance(picture.error, NoPicturesError)
    assert str(picture.error) == (
        f"{root}/phone: contains no pictures; skipped 2 .heic files (pip install 'image-mood-classifier[heif]'), "
        "1 .mov file (pip install 'image-mood-classifier[video]'), 1 helper folder"
    )
    (picture,) = find_pictures([f"{root}/phone/*.jpg"])
    assert str(picture.error) == f"{root}/phone/*.jpg: matches no file"


def test_skipped_files_and_folders_are_reported_and_hidden_ones_can_be_included(root):
    skipped = []
    pictures = find_pictures([root, f"{root}/.git"], on_skip=lambda one: skipped.append((one.name, one.kind)))
    assert [picture.name for picture in pictures] == [f"{root}/{name}" for name in [*PICTURES, ".git/f.jpg"]]
    assert sorted(skipped) == [
        (f"{root}/.git", SkipKind.HIDDEN_FOLDER),
        (f"{root}/.hidden.jpg", SkipKind.HIDDEN_FILE),
        (f"{root}/notes.txt", SkipKind.OTHER),
    ]
    options = SearchOptions(include_hidden=True)
    found = [picture.name for picture in find_pictures([root], options=options)]
    assert found == sorted(f"{root}/{name}" for name in [*PICTURES, ".git/f.jpg", ".hidden.jpg"])
    assert list(list_pictures(root, options=options).names) == found


def test_special_files_in_folders_are_errors_and_named_ones_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "a.jpg").write_bytes(b"a")
    for source in (tmp_path, f"{tmp_path}/*.jpg"):
        first, second = find_pictures([source])
        assert (first.read(), str(second.error)) == (b"a", f"{tmp_path}/pipe.jpg: a named pipe, not a file")
    (picture,) = find_pictures([tmp_path / "pipe.jpg"])
    writer = threading.Thread(target=(tmp_path / "pipe.jpg").write_bytes, args=(b"content",))
    writer.start()
    assert picture.cached().read() == b"content"
    writer.join()
    assert picture.cached() is not picture


def test_a_picture_that_a_pipe_replaces_is_not_waited_for(tmp_path):
    (tmp_path / "a.jpg").touch()
    (picture,) = find_pictures([tmp_path])
    (tmp_path / "a.jpg").unlink()
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(InputError, match=r"a\.jpg: a named pipe, not a file"):
        picture.read()


def test_a_table_cannot_name_standard_input_or_a_pipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.jpg")
    (tmp_path / "list.csv").write_text("path\n-\npipe.jpg\n")
    for picture, message in zip(
        find_pictures(["list.csv"], "path"), ["-: No such file", "pipe.jpg: a named pipe, not"], strict=True
    ):
        with pytest.raises(InputError, match=message):
            picture.read()


def test_urls_and_standard_input_are_single_pictures(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"bytes")))
    url, stdin = find_pictures(["https://example.org/a.jpg?size=*", "-"])
    assert (url.name, url.error) == ("https://example.org/a.jpg?size=*", None)
    assert (stdin.name, stdin.read()) == ("-", b"bytes")


def test_links_to_folders_are_followed_only_if_the_user_names_them(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.jpg").touch()
    (tmp_path / "real" / "round").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "b.jpg").symlink_to(tmp_path / "real" / "a.jpg")
    assert names(tmp_path) == [f"{tmp_path}/b.jpg", f"{tmp_path}/real/a.jpg"]
    assert names(tmp_path / "link") == [f"{tmp_path}/link/a.jpg"]
    assert names(f"{tmp_path}/l*/*.jpg") == [f"{tmp_path}/link/a.jpg"]
    assert names(f"{tmp_path}/**/a.jpg") == [f"{tmp_path}/real/a.jpg"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_of_paths(root, suffix):
    paths = [f"{root}/b.jpg", f"{root}/absent.jpg", "", f"{root}/a.PNG"]
    table = f"{root}/list.{suffix}"
    content = io.BytesIO()
    if suffix == "csv":
        content.write(b"path\n" + "".join(f'"{path}"\n' for path in paths).encode())
    else:
        pq.write_table(pa.table({"path": paths}), content)
    storage.write(table, content.getvalue())
    with pytest.raises(InputError, match=f"list.{suffix}, row 3, field 'path': missing path or URL"):
        list(list_pictures(table, "path").names)
    first, absent, missing, last = find_pictures([table], "path")
    assert (first.read(), last.read()) == (b"b.jpg", b"a.PNG")
    with pytest.raises(InputError, match=r"absent\.jpg: No such file or directory"):
        absent.read()
    with pytest.raises(InputError, match=f"list.{suffix}, row 3, field 'path': missing path or URL"):
        missing.read()


def test_tables_of_picture_files(root):
    contents = [b"%d" % i * i for i in range(40)]
    for i in (0, 1):
        file = io.BytesIO()
        pq.write_table(pa.table({"image": contents[20 * i : 20 * i + 20]}), file, row_group_size=7)
        storage.write(f"{root}/tables/{i}.parquet", file.getvalue())
    for source in (f"{root}/tables", f"{root}/tab*/*.parquet", f"{root}/tables/*"):
        listed = list_pictures(source, "image")
        assert listed.names_are_rows
        assert list(listed.names)[19:21] == [f"{root}/tables/0.parquet#19", f"{root}/tables/1.parquet#0"]
        pictures = find_pictures([source], "image")
        assert [picture.read() for picture in pictures] == contents
        assert [picture.read() for picture in reversed(pictures)] == contents[::-1]


def test_a_folder_may_have_the_extension_of_a_table(root):
    for i in range(2):
        file = io.BytesIO()
        pq.write_table(pa.table({"image": [b"%d" % i]}), file)
        storage.write(f"{root}/shots.parquet/part-{i}.parquet", file.getvalue())
        storage.write(f"{root}/shots.parquet/_SUCCESS", b"")
    for source in (f"{root}/shots.parquet", f"{root}/shots*", f"{root}/shots.parquet/*.parquet"):
        assert [picture.read() for picture in find_pictures([source], "image")] == [b"0", b"1"]
    storage.write(f"{root}/2020.csv/a.jpg", b"a")
    assert names(f"{root}/2020.csv") == [f"{root}/2020.csv/a.jpg"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("photo.jpg", "not a table .omit --column"),
        ("folder", "not a table"),
        ("https://example.org/photo.jpg", "not a table"),
        ("absent.csv", "No such file"),
        ("broken.parquet", "cannot be read"),
        ("numbers.parquet", "expected paths or picture files, not int64"),
        ("list.csv", r"missing column 'n' \(the columns are path, m\)"),
        ("none.csv", "the table has no rows"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, monkeypatch, source, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "photo.jpg").touch()
    (tmp_path / "list.csv").write_text("path,m\na.jpg,1\n")
    (tmp_path / "none.csv").write_text("n\n")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nonsense PAR1")
    pq.write_table(pa.table({"n": [1]}), tmp_path / "numbers.parquet")
    with pytest.raises(InputError, match=message):
        list(list_pictures(source, "n").names)
    (picture,) = find_pictures([source], "n")
    with pytest.raises(InputError, match=message):
        picture.read()


def test_a_store_that_cannot_be_reached_does_not_affect_other_sources(tmp_path, s3):
    (tmp_path / "a.jpg").touch()
    s3.always = "403 Forbidden"
    stored, local = find_pictures(["s3://photos/a.jpg", tmp_path / "a.jpg"])
    assert isinstance(stored.error, RemoteError)
    assert str(stored.error) == "s3://photos/a.jpg: cannot be listed: the store responded with 403 Forbidden"
    assert local.error is None


def test_a_missing_extra_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    connect.cache_clear()
    with pytest.raises(MissingExtraError, match=r"obstore is not installed \(.* install .*\[cloud\]'\)"):
        find_pictures(["s3://photos"])


def test_addresses_as_people_paste_them(tmp_path):
    content = picture_content(0)
    (tmp_path / "a b.png").write_bytes(content)
    encoded = base64.b64encode(content).decode()
    (tmp_path / "list.csv").write_text(
        f'path\nfile://{tmp_path}/a%20b.png\n"data:image/png;base64,{encoded}"\nftp://h/a.png\nwww.h.org/a.png\n'
    )
    file_url = f"file://localhost{tmp_path}/a%20b.png"
    for source in (file_url, f' "{file_url}" ', f"<data:image/png;base64,{encoded}>"):
        (picture,) = find_pictures([source])
        assert picture.read() == content
        assert picture.cached().read() == content
    assert names(file_url, f"file://{tmp_path}") == [str(tmp_path / "a b.png")] * 2
    local, data, other, host = find_pictures([f"file://{tmp_path}/list.csv"], "path")
    assert local.read() == data.read() == content
    assert data.name.startswith("data:image/png (SHA-256 ")
    with pytest.raises(InputError, match=r"^ftp://h/a.png: URLs with the scheme 'ftp' are not supported"):
        other.read()
    with pytest.raises(
        InputError, match=r"^www.h.org/a.png: No such file or directory \(for a URL, write https://"
    ):
        host.read()


def test_passwords_are_not_part_of_names():
    for source in ("https://me:secret@h/a.jpg", "http:/me:secret@h/list.csv", "ftp://me:secret@h/a.jpg"):
        (picture,) = find_pictures([source], "path" if source.endswith("csv") else None)
        assert "secret" not in f"{picture.name} {picture!r} {picture.error}"
        assert "***@h" in picture.name


def test_a_table_in_a_url_with_a_query():
    (picture,) = find_pictures(["https://[::1]/list.csv?download=true"])
    assert picture.error.what == "a table, not a picture"
