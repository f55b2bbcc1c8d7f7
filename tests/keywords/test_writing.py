from __future__ import annotations

import os
import shutil
import xml.etree.ElementTree as ET
from contextlib import suppress

import pytest

from imagemood.errors import InputError
from imagemood.keywords.exiftool import ExifTool
from imagemood.keywords.sidecars import SidecarName
from imagemood.keywords.writing import KeywordWriter
from tests.keywords.photos import DARKTABLE, exiftool, image, keywords, metadata, pixels, write_photos

pytestmark = pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")


@pytest.fixture(scope="module")
def program():
    with ExifTool() as running:
        yield running


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return write_photos(tmp_path_factory.mktemp("photos"))


def snapshot(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_in_place_changes_no_pixel_and_no_other_metadata(program, photos, tmp_path):
    writer = KeywordWriter(program, in_place=True)
    for photo in photos:
        path = tmp_path / photo.name
        shutil.copy(photo, path)
        before, hash_before, former = metadata(path), pixels(path), keywords(path)
        assert [written.path for written in writer.write(path, ["awe"])] == [path]
        assert pixels(path) == hash_before
        assert metadata(path) == before
        flat, hierarchical, tags = keywords(path)
        assert flat[-1:] == ["awe"]
        assert hierarchical[-1:] == ["mood|awe"]
        assert tags[-1:] == ["mood/awe"]
        assert flat[: len(former[0])] == former[0]
        after = path.read_bytes()
        assert list(writer.write(path, ["awe"])) == []
        assert path.read_bytes() == after
        (written,) = writer.write(path, ["fear"])
        assert (written.added, written.removed) == (["fear"], ["awe"])
        assert "awe" not in keywords(path)[0]
        list(writer.write(path, []))
        assert (keywords(path), metadata(path), pixels(path)) == (former, before, hash_before)
        assert b"imagemood" not in path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [photo.name for photo in photos]


def test_the_metadata_of_the_photos_is_really_there(photos):
    """So that the comparison of metadata in the test above compares something."""
    found = {photo.name: metadata(photo) for photo in photos}
    assert found["maker.jpg"]["Canon:CanonModelID"] == 0x80000213
    assert found["full.jpg"]["IPTC:Keywords"] == ["lake", "sunset"]
    assert {"IFD1:ThumbnailImage", "GPS:GPSLatitude", "XMP-mwg-rs:RegionName"} <= set(found["full.jpg"])
    assert "ICC_Profile:Software" in found["full.tif"] or any(name.startswith("ICC") for name in found["full.tif"])
    assert found["panorama.jpg"]["MPF0:NumberOfImages"] == 3


def test_no_program_loses_sight_of_a_keyword(program, photos, tmp_path):
    """A program that reads only one of the fields, or only the sidecar, still shows the other keywords."""
    by_name = {photo.name: photo for photo in photos}
    for name, expected in (
        ("full.jpg", [["lake", "sunset", "awe"], ["lake", "sunset", "mood|awe"], ["lake", "sunset", "mood/awe"]]),
        ("tagged.jpg", [["Ann", "awe"], ["People|Ann", "mood|awe"], ["People/Ann", "mood/awe"]]),
        ("full.png", [["lake", "7", "awe"], ["lake", "7", "mood|awe"], ["lake", "7", "mood/awe"]]),
    ):
        for in_place in (False, True):
            path = tmp_path / name
            shutil.copy(by_name[name], path)
            (written,) = KeywordWriter(program, in_place=in_place).write(path, ["awe"])
            assert keywords(written.path) == expected
            written.path.unlink()


def test_sidecars_are_created_updated_and_removed(program, photos, tmp_path):
    for photo in photos:
        shutil.copy(photo, tmp_path / photo.name)
    (tmp_path / "photo.heic").write_bytes(b"of a format that the program cannot read")
    before = snapshot(tmp_path)
    writer = KeywordWriter(program)
    paths = sorted(tmp_path.iterdir())
    for moods in (["awe", "fear"], ["awe"]):
        written = [item.path.name for path in paths for item in writer.write(path, moods)]
        assert written == [f"{path.name}.xmp" for path in paths]
    assert keywords(tmp_path / "plain.jpg.xmp") == [["awe"], ["mood|awe"], ["mood/awe"]]
    assert snapshot(tmp_path).items() >= before.items()
    for path in paths:
        list(writer.write(path, ()))
    assert snapshot(tmp_path) == before


def flattened(text):
    """Return the properties of XMP; attributes are the same as elements without children."""

    def visit(element, path):
        found = [(f"{path}/{name}", value) for name, value in element.attrib.items()]
        is_list = element.tag.endswith(("Seq", "Bag", "Alt"))  # an empty one is the same as none
        if not len(element) and not element.attrib and not is_list:
            found.append((path, (element.text or "").strip()))
        for child in element:
            found += visit(child, f"{path}/{child.tag}")
        return found

    ignored = ("about", "xmptk", "parseType")
    kept = [(name, value) for name, value in visit(ET.fromstring(text), "") if not name.endswith(ignored)]  # noqa: S314
    return sorted(
        (name.replace("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description/", ""), v) for name, v in kept
    )


def test_sidecars_of_other_programs_are_restored(program, tmp_path):
    image().save(tmp_path / "a.jpg")
    sidecar = tmp_path / "a.jpg.xmp"
    sidecar.write_text(DARKTABLE, "utf-8")
    writer = KeywordWriter(program)
    (written,) = writer.write(tmp_path / "a.jpg", ["awe"])
    assert written.path == sidecar
    assert keywords(sidecar)[0] == ["holiday", "42", "awe"]
    added = set(flattened(sidecar.read_text("utf-8"))) - set(flattened(DARKTABLE))
    assert len(added) > 5
    assert all("mood" in name or "mood" in value or value in ("awe", "holiday", "42") for name, value in added)
    assert set(flattened(sidecar.read_text("utf-8"))) >= set(flattened(DARKTABLE))
    list(writer.write(tmp_path / "a.jpg", ()))
    assert flattened(sidecar.read_text("utf-8")) == flattened(DARKTABLE)


def test_keywords_of_the_user_survive(program, tmp_path):
    """Also one that is the name of a mood, and changes that other programs make after this package."""
    path = tmp_path / "a.jpg"
    image().save(path)
    exiftool("-overwrite_original", "-XMP-dc:Subject=awe", path)
    writer = KeywordWriter(program, in_place=True)
    list(writer.write(path, ["awe"]))
    assert keywords(path)[0] == ["awe"]
    exiftool("-overwrite_original", "-XMP-dc:Subject+=later", path)
    list(writer.write(path, ()))
    assert keywords(path) == [["awe", "later"], [], []]


def test_a_created_sidecar_that_another_program_has_extended_stays(program, tmp_path):
    path = tmp_path / "a.jpg"
    image().save(path)
    list(KeywordWriter(program).write(path, ["awe"]))
    exiftool("-overwrite_original", "-XMP-xmp:Rating=3", f"{path}.xmp")
    list(KeywordWriter(program).write(path, ()))
    assert metadata(f"{path}.xmp") == {"XMP-xmp:Rating": 3}


@pytest.mark.parametrize(
    "name", [b"-a.jpg", b"caf\xe9.jpg", "größe 日本.jpg".encode(), b"new\nline.jpg", b" a|.jpg", b"$x@{}.jpg"]
)
@pytest.mark.parametrize("in_place", [False, True])
def test_names_of_files(program, tmp_path, name, in_place):
    path = tmp_path / os.fsdecode(name)
    image().save(tmp_path / "plain.jpg")
    (tmp_path / "plain.jpg").rename(path)
    content = path.read_bytes()
    (written,) = KeywordWriter(program, in_place=in_place).write(path, ["awe"])
    assert os.fsencode(written.path.name) == (name if in_place else name + b".xmp")
    assert b"mood|awe" in written.path.read_bytes()
    (written,) = KeywordWriter(program).write(path, ())
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    assert path.read_bytes() == content


def test_dry_run_changes_nothing(program, photos, tmp_path):
    shutil.copy(photos[0], tmp_path / "a.jpg")
    before = snapshot(tmp_path)
    for in_place in (False, True):
        (written,) = KeywordWriter(program, in_place=in_place, dry_run=True).write(tmp_path / "a.jpg", ["awe"])
        assert written.added == ["awe"]
    assert snapshot(tmp_path) == before


def test_symbolic_links_modes_and_times(program, tmp_path):
    target = tmp_path / "target.jpg"
    image().save(target)
    target.chmod(0o640)
    os.utime(target, ns=(10**18, 10**18))
    (tmp_path / "link.jpg").symlink_to(target)
    list(KeywordWriter(program, in_place=True, keep_time=True).write(tmp_path / "link.jpg", ["awe"]))
    assert (tmp_path / "link.jpg").is_symlink()
    assert keywords(target)[0] == ["awe"]
    assert (target.stat().st_mode & 0o777, target.stat().st_mtime_ns) == (0o640, 10**18)
    list(KeywordWriter(program, in_place=True).write(target, ["fear"]))
    assert target.stat().st_mtime_ns > 10**18


def test_an_existing_sidecar_is_also_updated_in_place(program, tmp_path):
    """Programs that find a sidecar may ignore the keywords in the picture."""
    path = tmp_path / "a.png"
    image().save(path)
    (tmp_path / "a.xmp").write_text(DARKTABLE, "utf-8")
    written = KeywordWriter(program, in_place=True).write(path, ["awe"])
    assert [item.path.name for item in written] == ["a.png", "a.xmp"]


@pytest.mark.parametrize("content", [b"", b"no XML", DARKTABLE[:300].encode(), b"\xff\xd8\xff\xe0"])
def test_damaged_sidecars_are_reported_and_kept(program, tmp_path, content):
    image().save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg.xmp").write_bytes(content)
    with pytest.raises(InputError, match="a.jpg.xmp: "):
        list(KeywordWriter(program).write(tmp_path / "a.jpg", ["awe"]))
    assert (tmp_path / "a.jpg.xmp").read_bytes() == content


@pytest.mark.parametrize("extension", ["jpg", "tif", "png", "webp"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_damaged_pictures_are_not_changed(program, photos, tmp_path, extension, part):
    """They keep their content, or their keywords change and all that is left of the picture stays."""
    content = next(photo for photo in photos if photo.name == f"full.{extension}").read_bytes()
    path = tmp_path / f"a.{extension}"
    path.write_bytes(content[: int(len(content) * part)])
    before = path.read_bytes()
    written = []
    with suppress(InputError):
        written = [item.path for item in KeywordWriter(program, in_place=True).write(path, ["awe"])]
    if path in written:
        assert extension == "jpg"
        assert path.read_bytes()[-200:] == before[-200:]
    else:
        assert path.read_bytes() == before


def test_pictures_whose_keywords_cannot_be_read_are_errors(program, tmp_path, monkeypatch):
    """A new sidecar without their keywords would hide these from programs that read only the sidecar."""
    with pytest.raises(InputError, match="absent.jpg: cannot be read: No such file"):
        list(KeywordWriter(program).write(tmp_path / "absent.jpg", ["awe"]))
    image().save(tmp_path / "a.jpg")
    monkeypatch.setattr(program, "_run", lambda _: (b"", "Error: ExifTool ended or took too long"))
    with pytest.raises(InputError, match=r"a.jpg: .*ended or took too long"):
        list(KeywordWriter(program).write(tmp_path / "a.jpg", ["awe"]))
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize("content", [b"", b"unknown"])
def test_pictures_in_unknown_formats_receive_sidecars(program, tmp_path, content):
    for name in ("a.jpg", "a.webp", "a.unknown"):
        (tmp_path / name).write_bytes(content)
        (written,) = KeywordWriter(program, in_place=True).write(tmp_path / name, ["awe"])
        assert written.path.name == f"{name}.xmp"


def test_a_file_that_changes_meanwhile_is_kept(program, tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    image().save(path)
    write = program.write

    def write_while_another_program_does(copy, assignments):
        write(copy, assignments)
        path.write_bytes(b"new")

    monkeypatch.setattr(program, "write", write_while_another_program_does)
    with pytest.raises(InputError, match="was changed meanwhile"):
        list(KeywordWriter(program, in_place=True).write(path, ["awe"]))
    assert path.read_bytes() == b"new"


def test_changed_pixels_are_refused(program, tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    image().save(path)
    before = path.read_bytes()
    monkeypatch.setattr(program, "write", lambda copy, _: image(77).save(copy))
    with pytest.raises(InputError, match="would change the image data"):
        list(KeywordWriter(program, in_place=True).write(path, ["awe"]))
    assert path.read_bytes() == before


def test_names_of_new_sidecars(program, tmp_path):
    image().save(tmp_path / "a.jpg")
    (written,) = KeywordWriter(program, naming=SidecarName.REPLACE).write(tmp_path / "a.jpg", ["awe"])
    assert written.path.name == "a.xmp"


def _with_keyword(declaration, keyword):
    return f"{declaration}{DARKTABLE.partition('?>')[2].strip()}".replace("holiday", keyword)


@pytest.mark.parametrize(
    "content",
    [
        _with_keyword("<?xml version='1.0' encoding='ISO-8859-1'?>", "käse").encode("latin-1"),
        _with_keyword("<?xml version='1.0' encoding='UTF-16'?>", "😀").encode("utf-16"),
        _with_keyword("", "käse").encode("latin-1"),
        _with_keyword("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY place 'Köln'>]>", "&place;").encode(),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_sidecars_that_exiftool_would_damage_are_reported_and_kept(program, tmp_path, content, dry_run):
    image().save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg.xmp").write_bytes(content)
    with pytest.raises(InputError, match=r"a.jpg.xmp: ExifTool would make it invalid.*\(save it as UTF-8\)"):
        list(KeywordWriter(program, dry_run=dry_run).write(tmp_path / "a.jpg", ["awe"]))
    assert (tmp_path / "a.jpg.xmp").read_bytes() == content


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_sidecars_in_each_encoding_of_unicode(program, tmp_path, encoding):
    image().save(tmp_path / "a.jpg")
    declaration = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?>"
    (tmp_path / "a.jpg.xmp").write_bytes(_with_keyword(declaration, "Köln 日本").encode(encoding))
    list(KeywordWriter(program).write(tmp_path / "a.jpg", ["awe"]))
    assert keywords(tmp_path / "a.jpg.xmp")[0] == ["Köln 日本", "42", "awe"]


def test_empty_keywords_do_not_prevent_that_changes_are_undone(program, tmp_path):
    image().save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg.xmp").write_text(DARKTABLE.replace("<rdf:li>42", "<rdf:li></rdf:li><rdf:li>42"), "utf-8")
    writer = KeywordWriter(program)
    list(writer.write(tmp_path / "a.jpg", ["awe"]))
    assert keywords(tmp_path / "a.jpg.xmp")[2] == ["holiday", "42", "mood/awe"]
    assert list(writer.write(tmp_path / "a.jpg", ["awe"])) == []
    list(writer.write(tmp_path / "a.jpg", ()))
    assert keywords(tmp_path / "a.jpg.xmp") == [["holiday", "", "42"], [], []]


@pytest.mark.parametrize("in_place", [False, True])
def test_nothing_is_written_into_a_library_of_apple_photos(program, tmp_path, in_place):
    originals = tmp_path / "Photos.photoslibrary" / "originals"
    originals.mkdir(parents=True)
    image().save(originals / "a.jpg")
    (tmp_path / "link.jpg").symlink_to(originals / "a.jpg")
    before = snapshot(originals)
    writer = KeywordWriter(program, in_place=in_place)
    for path in (originals / "a.jpg", tmp_path / "link.jpg"):
        with pytest.raises(InputError, match="Photos.photoslibrary: a library of Apple Photos"):
            list(writer.write(path, ["awe"]))
        assert list(writer.write(path, ())) == []
    assert snapshot(originals) == before
