"""Photo files with many kinds of metadata, which the real ExifTool and Pillow write, and comparisons of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess

import PIL.Image
import PIL.ImageCms
import PIL.ImageSequence

DARKTABLE = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:darktable="http://darktable.sf.net/"
    xmlns:other="http://example.org/other/"
   xmp:Rating="4"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:history_end="2"
   other:note="käse &amp; wine">
   <dc:subject><rdf:Bag><rdf:li>holiday</rdf:li><rdf:li>42</rdf:li></rdf:Bag></dc:subject>
   <darktable:masks_history><rdf:Seq/></darktable:masks_history>
   <darktable:history>
    <rdf:Seq>
     <rdf:li darktable:num="0" darktable:operation="exposure" darktable:enabled="1"
      darktable:params="gz02eJxjYGBg" darktable:multi_name=""/>
     <rdf:li darktable:num="1" darktable:operation="sharpen" darktable:enabled="1"/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
_CHANGING = {  # the keywords, and what describes where other metadata are in the file
    "XMP-dc:Subject",
    "XMP-lr:HierarchicalSubject",
    "XMP-digiKam:TagsList",
    "XMP-x:XMPToolkit",
    "XMP-imagemood:Subject",
    "XMP-imagemood:HierarchicalSubject",
    "XMP-imagemood:TagsList",
    "IFD0:StripOffsets",
    "IFD1:ThumbnailOffset",
    "IFD1:StripOffsets",
    "RIFF:WebP_Flags",
    "RIFF:ImageWidth",
    "RIFF:ImageHeight",
    "RIFF:Animation",
    "RIFF:AlphaPreprocessing",
    "ExifTool:Warning",
}


def exiftool(*arguments):
    """Run the real program, and return its output."""
    command = ["exiftool", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout


def metadata(path):
    """Return all tags of a file, without the keywords that are written."""
    (tags,) = json.loads(exiftool("-j", "-G1", "-a", "-u", "-b", "-n", path))
    return {
        name: value
        for name, value in tags.items()
        if not name.endswith("MPImageStart")
        and name not in _CHANGING
        and not name.startswith(("File:", "System:", "SourceFile", "ExifTool:", "Composite:"))
    }


def keywords(path):
    """Return the flat and hierarchical keywords of a file."""
    (tags,) = json.loads(exiftool("-j", "-G1", "-XMP:all", path))
    names = ("XMP-dc:Subject", "XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList")
    found = [tags.get(name, []) for name in names]
    return [[str(item) for item in (value if isinstance(value, list) else [value])] for value in found]


def pixels(path):
    """Return the hash of the decoded pixels of all frames."""
    digest = hashlib.sha256()
    with PIL.Image.open(path) as image:
        for frame in PIL.ImageSequence.Iterator(image):
            digest.update(f"{frame.mode} {frame.size}".encode() + frame.tobytes())
    return digest.hexdigest()


def image(shade=0):
    """Return a picture with gradients."""
    gradient = PIL.Image.linear_gradient("L").resize((96, 64))
    return PIL.Image.merge("RGB", (gradient, gradient.rotate(180), PIL.Image.new("L", gradient.size, shade)))


def write_photos(folder):
    """Write one photo of each kind, and return their paths."""
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    for extension in ("jpg", "tif", "png", "webp"):
        image().save(folder / f"full.{extension}", icc_profile=profile)
    image().save(folder / "plain.jpg")
    image().convert("CMYK").save(folder / "cmyk.jpg")
    image().save(folder / "progressive.jpg", progressive=True, comment=b"caf\xe9")
    image().save(folder / "panorama.jpg", format="MPO", save_all=True, append_images=[image(99), image(200)])
    image().save(folder / "pages.tif", save_all=True, append_images=[image(99)], compression="tiff_lzw")
    image().save(folder / "lossless.webp", lossless=True)
    image().save(folder / "moving.webp", save_all=True, append_images=[image(200)], duration=100)
    image().save(folder / "moving.png", save_all=True, append_images=[image(200)], duration=100)
    image().save(folder / "tagged.jpg")
    thumbnail = folder / "thumbnail"
    image().resize((16, 12)).save(thumbnail, format="JPEG")
    exiftool(
        "-overwrite_original", "-Artist=Ann Käse", "-DateTimeOriginal=2024:05:06 07:08:09", "-GPSLatitude=47.5",
        "-GPSLatitudeRef=N", "-XMP-dc:Title=A title", "-XMP-xmp:Rating=4", "-XMP-photoshop:City=Bern",
        "-XMP-mwg-rs:RegionName=Ann", f"-ThumbnailImage<={thumbnail}", "-IPTC:City=Bern", "-IPTC:Keywords=lake",
        "-IPTC:Keywords=sunset", *(folder / f"full.{extension}" for extension in ("jpg", "tif")),
    )  # fmt: skip
    exiftool(
        "-overwrite_original", "-Artist=Ann Käse", "-XMP-dc:Title=A title", "-XMP-dc:Subject=lake",
        "-XMP-dc:Subject=7",
        *(folder / f"full.{extension}" for extension in ("png", "webp")),
    )  # fmt: skip
    exiftool(
        "-overwrite_original",
        "-XMP-lr:HierarchicalSubject=People|Ann",
        "-XMP-dc:Subject=Ann",
        folder / "tagged.jpg",
    )
    thumbnail.unlink()
    (folder / "maker.jpg").write_bytes(_with_maker_note())
    return sorted(folder.iterdir())


def _with_maker_note():
    """Return a JPEG file with a maker note as of Canon cameras, with the identifier of the model."""
    exif = PIL.Image.Exif()
    exif[271], exif[272] = "Canon", "Canon EOS 5D"
    exif.get_ifd(0x8769)[0x927C] = struct.pack("<HHHIII", 1, 0x0010, 4, 1, 0x80000213, 0)
    content = io.BytesIO()
    image().save(content, "JPEG", exif=exif)
    return content.getvalue()
