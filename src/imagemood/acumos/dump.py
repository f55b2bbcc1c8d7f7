"""Write an Acumos bundle: what the official client would, without the official client."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2

from imagemood._files import whole_folder
from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models import model_directory
from imagemood.models.tagger import Tagger
from imagemood.tables.messages_pb2 import DESCRIPTOR

MARKERS = ("model.zip", "model.proto", "metadata.json")
"""Files by which a folder is known as a bundle, which a newer one may replace."""
SCHEMA = "acumos.schema.model:0.6.0"
PYTHON_VERSION = "3.9.18"
_REQUIREMENTS = {"acumos": "1.0.1", "numpy": "1.26.4", "onnxruntime": "1.19.2", "protobuf": "3.20.3"}
_PILLOW = {"pillow": "10.4.0"}
_MODULE = "imagemood_runner"
# A pickle of 31 bytes that calls imagemood_runner.load_model() and holds nothing else.
_PICKLE = f"c{_MODULE}\nload_model\n(tR.".encode()
_INPUTS = {"moods": "ImageTagSet", "cascade": "Image", "tagger": "Image"}
_DESCRIPTIONS = {
    "moods": "Tell the moods of images from rows of their tags.",
    "cascade": "Tell the moods of a picture.",
    "tagger": "Score the tags of a picture.",
}
_PROTO = """syntax = "proto3";
package {package};

message Image {{
  string mime_type = 1;
  bytes image_binary = 2;
}}

message ImageTag {{
  int64 image = 1;
  string tag = 2;
  double score = 3;
}}

message ImageTagSet {{
  repeated ImageTag ImageTags = 1;
}}

service Model {{
  rpc classify ({input}) returns (ImageTagSet);
}}
"""
_PB2 = """# Message classes of model.proto, for protobuf 3.20 and newer.
from google.protobuf import descriptor_pool as _descriptor_pool
from google.protobuf.internal import builder as _builder

DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile({serialized!r})
_builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, globals())
_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, "model_pb2", globals())
"""


@dataclass(frozen=True)
class BundleOptions:
    """What a bundle says of itself.

    Attributes
    ----------
    kind : str
        ``moods`` (rows of tags in), ``cascade`` (a picture in, moods out) or ``tagger`` (a picture in, tags out).
    name : str
        Name of the model in the catalogue.
    license : str or None
        A file with the licence, or its text.
    """

    kind: str = "moods"
    name: str = "image-mood-classifier"
    license: str | None = None


def dump(
    path: str | Path,
    *,
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    options: BundleOptions | None = None,
) -> None:
    """Write an Acumos bundle, whole or not at all.

    Parameters
    ----------
    path : str or Path
        The directory; an older bundle there is replaced. It gets ``model.zip``, ``model.proto``,
        ``metadata.json`` and, where a licence is given, ``license.json``.
    model : str or Path, optional
        Model directory or built-in model; by default the built-in one that fits the kind.
    tagger : str or Path, optional
        An ONNX image classifier with its card beside it; the built-in one by default.
    options : BundleOptions, optional
        Kind, name and licence.

    Raises
    ------
    IncompatibleModelError
        If rows of tags are to be classified by a model that needs more, or the model needs visual features.
    ModelError
        If a model is missing or damaged.
    InputError
        If the directory cannot be written, or holds something else.
    """
    options = options or BundleOptions()
    if options.kind not in _INPUTS:
        raise InputError(f"unknown kind of bundle '{options.kind}'", hint=f"one of {', '.join(_INPUTS)}")
    contents = {"kind.json": json.dumps({"kind": options.kind}).encode()}
    if options.kind != "tagger":
        contents |= _mood_files(model or ("default" if options.kind == "cascade" else "tags"), options.kind)
    if options.kind != "moods":
        contents |= _tagger_files(tagger)
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(name.encode() + hashlib.sha256(contents[name]).digest())
    package = f"imagemood_{digest.hexdigest()[:16]}"
    with whole_folder(path, markers=MARKERS) as folder:
        (folder / "model.zip").write_bytes(_archive(contents, package))
        (folder / "model.proto").write_text(_PROTO.format(package=package, input=_INPUTS[options.kind]))
        (folder / "metadata.json").write_text(json.dumps(_metadata(options), indent=1) + "\n")
        if options.license is not None:
            (folder / "license.json").write_text(_license(options.license), "utf-8")


def _mood_files(model: str | Path, kind: str) -> dict[str, bytes]:
    contents = model_directory.read(model)
    needs = json.loads(contents["metadata.json"])["inputs"]
    if kind == "moods" and needs != ["tags"]:
        raise IncompatibleModelError(
            f"needs {' and '.join(needs)}, not rows of tags alone",
            where=str(model),
            hint="dump the whole cascade, or use a model trained on tags",
        )
    if "visual" in needs:
        raise IncompatibleModelError(
            "needs visual features, which a bundle does not measure",
            where=str(model),
            hint="dump a model of tags and embedding",
        )
    return contents


def _tagger_files(tagger: str | Path | None) -> dict[str, bytes]:
    loaded = Tagger.load(tagger)  # so that only what works is shipped
    path = Path(loaded.network.name)
    return {"network.onnx": path.read_bytes(), "network.json": path.with_suffix(".json").read_bytes()}


def _archive(contents: dict[str, bytes], package: str) -> bytes:
    """Make model.zip, byte for byte the same for the same contents."""
    runner = Path(__file__).with_name("runner.py").read_bytes()
    provided = {f"{_MODULE}.py": runner, **contents}
    files = {
        "model.pkl": _PICKLE,
        "context.json": json.dumps({"protobuf_package": package}).encode(),
        f"scripts/acumos_gen/{package}/model_pb2.py": _message_classes(package),
        **{f"scripts/user_provided/{name}": content for name, content in provided.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _message_classes(package: str) -> bytes:
    file = descriptor_pb2.FileDescriptorProto.FromString(DESCRIPTOR.serialized_pb)
    old = file.package
    file.package, file.name = package, f"{package}.proto"
    file.ClearField("service")  # a bundle has one method, which its own model.proto names
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(f".{old}.", f".{package}.")
    return _PB2.format(serialized=file.SerializeToString()).encode()


def _metadata(options: BundleOptions) -> dict[str, Any]:
    media = ["application/vnd.google.protobuf"]
    requirements = _REQUIREMENTS if options.kind == "moods" else {**_REQUIREMENTS, **_PILLOW}

    def message(name: str) -> dict[str, Any]:
        return {"name": name, "media_type": media, "metadata": {}, "description": ""}

    method = {
        "input": message(_INPUTS[options.kind]),
        "output": message("ImageTagSet"),
        "description": _DESCRIPTIONS[options.kind],
    }
    pip = [{"name": name, "version": version} for name, version in requirements.items()]
    return {
        "schema": SCHEMA,
        "runtime": {
            "name": "python",
            "version": PYTHON_VERSION,
            "dependencies": {
                "pip": {"indexes": [], "requirements": pip},
                "conda": {"channels": [], "requirements": []},
            },
        },
        "name": options.name,
        "methods": {"classify": method},
    }


def _license(given: str) -> str:
    path = Path(given)
    text = path.read_text("utf-8") if len(given) < 4096 and path.is_file() else given
    if path.suffix == ".json" and path.is_file():
        return text
    return json.dumps({"license": text}) + "\n"
