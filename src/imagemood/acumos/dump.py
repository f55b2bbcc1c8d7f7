"""Write Acumos bundles in the format of the official client [1]_, without needing that client.

A bundle holds the model, `runner.py`, `runner_pictures.py` and the classes of its protobuf messages in
``model.zip``, the messages in ``model.proto``, and the method and requirements in ``metadata.json``.

References
----------
.. [1] The Acumos Python client, https://pypi.org/project/acumos/ (``SCHEMA`` and the layout of ``model.zip``).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2

from imagemood._files import atomic_folder, check_folder
from imagemood.acumos.catalogue import catalogue_files, license_file
from imagemood.errors import IncompatibleModelError, InputError
from imagemood.models import model_directory
from imagemood.models.loading import choose_tagger
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_files import CARD, NETWORK
from imagemood.tables.messages_pb2 import DESCRIPTOR

MARKERS = ("model.zip", "model.proto", "metadata.json")
"""Files that identify a directory as a bundle, which may then be replaced by a new one."""
SCHEMA = "acumos.schema.model:0.6.0"
PYTHON_VERSION = "3.9.18"
_REQUIREMENTS = {"acumos": "1.0.1", "numpy": "1.26.4", "onnxruntime": "1.19.2", "protobuf": "3.20.3"}
_PILLOW = {"pillow": "10.4.0"}
_MODULE = "imagemood_runner"
_PICTURES_MODULE = "runner_pictures.py"  # imported by the runner from its own folder
# The runner unpickles this file. It calls imagemood_runner.load_model() and contains nothing else.
_PICKLE = f"c{_MODULE}\nload_model\n(tR.".encode()
_INPUTS = {"moods": "ImageTagSet", "cascade": "Image", "tagger": "Image"}
_DESCRIPTIONS = {
    "moods": "Classify images by mood from their tag rows.",
    "cascade": "Classify a picture by mood.",
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
    """Kind and name of a bundle, and the files for its catalogue.

    Attributes
    ----------
    kind : str
        ``moods`` (tag rows to moods), ``cascade`` (a picture to moods) or ``tagger`` (a picture to tags).
    name : str
        Name of the model in the catalogue.
    license : str or None
        Path of a licence file, or the text of the licence.
    description : str or None
        Path of a text file with the description for the catalogue, or the text itself.
    icon : str, Path or None
        Path of the icon for the catalogue, in PNG, JPEG or GIF.
    """

    kind: str = "moods"
    name: str = "image-mood-classifier"
    license: str | None = None
    description: str | None = None
    icon: str | Path | None = None


def dump(
    path: str | Path,
    *,
    model: str | Path | None = None,
    tagger: str | Path | None = None,
    options: BundleOptions | None = None,
) -> None:
    """Write an Acumos bundle atomically.

    Parameters
    ----------
    path : str or Path
        The directory to write; an existing bundle is replaced. It contains ``model.zip``, ``model.proto``,
        ``metadata.json`` and, if they are given, ``license.json``, ``description.md`` and ``icon.png`` (or
        ``.jpg``, ``.gif``).
    model : str or Path, optional
        Model directory or name of a built-in model. Defaults to the built-in model that fits the kind.
    tagger : str or Path, optional
        A tagger, as for `Cascade.load`.
    options : BundleOptions, optional
        Kind, name, licence, description and icon.

    Raises
    ------
    IncompatibleModelError
        If a bundle of kind ``moods`` would need more than tag rows, or the model needs visual features.
    ModelError
        If a model is missing or damaged.
    InputError
        If the kind is unknown, or the directory cannot be written or contains other files.
    """
    options = options or BundleOptions()
    if options.kind not in _INPUTS:
        raise InputError(f"unknown kind of bundle '{options.kind}'", hint=f"use one of {', '.join(_INPUTS)}")
    check_folder(path, markers=MARKERS)
    contents = {"kind.json": json.dumps({"kind": options.kind}).encode()}
    model = model or ("default" if options.kind == "cascade" else "tags")
    files = None if options.kind == "moods" else choose_tagger(model, tagger)
    if options.kind != "tagger":
        contents |= _mood_files(model, options.kind)
    if files is not None:
        loaded = Tagger.from_files(files)  # raises if the tagger cannot be used
        if options.kind == "tagger":
            loaded.require_tags(hint="use --cascade")
        contents |= {NETWORK: files.read_network(), CARD: files.read_card()}
    if files is None or not files.is_builtin:
        contents = _with_list_of_files(contents)
    package = _protobuf_package(contents)
    archive = _archive(contents, package)
    catalogue = catalogue_files(options.description, options.icon)
    if options.license is not None:
        catalogue["license.json"] = license_file(options.license)
    with atomic_folder(path, markers=MARKERS) as folder:
        (folder / "model.zip").write_bytes(archive)
        (folder / "model.proto").write_text(_PROTO.format(package=package, input=_INPUTS[options.kind]))
        (folder / "metadata.json").write_text(json.dumps(_metadata(options), indent=1) + "\n")
        for name, content in catalogue.items():
            (folder / name).write_bytes(content)


def _mood_files(model: str | Path, kind: str) -> dict[str, bytes]:
    model_directory.load(model)  # raises if the model cannot be used
    contents = model_directory.read_files(model)
    inputs = json.loads(contents["metadata.json"])["inputs"]
    if kind == "moods" and inputs != ["tags"]:
        raise IncompatibleModelError(
            f"the model needs {' and '.join(inputs)}, but a bundle of the moods receives tag rows only",
            where=str(model),
            hint="use --cascade, or a model trained on tags only",
        )
    if "visual" in inputs:
        raise IncompatibleModelError(
            "the model needs visual features, which a bundle cannot compute",
            where=str(model),
            hint="use a model trained on tags and embedding",
        )
    return contents


def _with_list_of_files(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Adapt the list of files in the metadata of the mood classifier to whether the bundle contains a tagger."""
    if "metadata.json" not in contents:
        return contents
    metadata = json.loads(contents["metadata.json"])
    names = {*metadata["files"], NETWORK, CARD} & contents.keys()
    metadata["files"] = {name: hashlib.sha256(contents[name]).hexdigest() for name in sorted(names)}
    return {**contents, "metadata.json": json.dumps(metadata, indent=1, ensure_ascii=False).encode()}


def _protobuf_package(contents: dict[str, bytes]) -> str:
    """Return the name of the protobuf package: a hash of the contents, so that bundles are reproducible."""
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(name.encode() + hashlib.sha256(contents[name]).digest())
    return f"imagemood_{digest.hexdigest()[:16]}"


def _archive(contents: dict[str, bytes], package: str) -> bytes:
    """Return the content of model.zip, which is reproducible: it has no dates."""
    modules = {f"{_MODULE}.py": "runner.py", _PICTURES_MODULE: _PICTURES_MODULE}
    user_files = {
        name: Path(__file__).with_name(source).read_bytes() for name, source in modules.items()
    } | contents
    files = {
        "model.pkl": _PICKLE,
        "context.json": json.dumps({"protobuf_package": package}).encode(),
        f"scripts/acumos_gen/{package}/model_pb2.py": _message_classes(package),
        **{f"scripts/user_provided/{name}": content for name, content in user_files.items()},
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
    source_package = file.package
    file.package, file.name = package, f"{package}.proto"
    file.ClearField("service")  # model.proto defines the bundle's only method
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(f".{source_package}.", f".{package}.")
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
