"""Writes model directories, bundles and taggers that are damaged or hostile; the same ones for the same seed.

Each case is a file or a folder that must be answered with one clear error. The repository contains none of them:
tests write them when they need them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.corpus import hostile_graphs, hostile_networks
from tests.corpus.hostile_archives import archives
from tests.corpus.hostile_networks import MOODS, SCORES, Frame, good

MODEL_V1 = Path(__file__).parents[1] / "regressions" / "model_v1"
METADATA = {
    **json.loads((MODEL_V1 / "metadata.json").read_text("utf-8")),
    "files": {"model.onnx": hashlib.sha256(good(MOODS)).hexdigest()},
}
CARD = {"size_px": 8, "mean": 127, "std": [128, 128, 128], "labels": ["cat", "dog", "fox"]}
_N_MUTATIONS = 10
_DEEP = 100_000


@dataclass(frozen=True)
class Case:
    """A model directory or a tagger.

    Attributes
    ----------
    name : str
        What is wrong.
    path : Path
        A model directory or a bundle, or the ONNX file of a tagger.
    is_tagger : bool
        Which of them.
    may_be_usable : bool
        Whether the model may be usable, for example after a few random changes.
    """

    name: str
    path: Path
    is_tagger: bool = False
    may_be_usable: bool = False


def write_cases(folder: Path, seed: int = 0) -> Iterator[Case]:
    """Write all cases below a folder, each when it is requested."""
    paths = (folder / str(number) for number in itertools.count())
    for name, content in _documents(METADATA).items():
        yield Case(f"metadata: {name}", write_model(next(paths), metadata=content))
    for name, content in _documents(CARD).items():
        yield Case(f"card: {name}", write_tagger(next(paths), card=content), is_tagger=True)
    for name, listed in _listed_names().items():
        files = {**METADATA["files"], listed: "0" * 64}
        yield Case(
            f"listed file: {name}", write_model(next(paths), metadata=_encode({**METADATA, "files": files}))
        )
    for (name, replace), file in itertools.product(_REPLACEMENTS.items(), ("model.onnx", "metadata.json")):
        path = write_model(next(paths))
        replace(path / file)
        yield Case(f"{file} is {name}", path)
    for (name, replace), suffix in itertools.product(_REPLACEMENTS.items(), (".onnx", ".json")):
        path = write_tagger(next(paths))
        replace(path.with_suffix(suffix))
        yield Case(
            f"tagger's {suffix} file is {name}", path, is_tagger=True, may_be_usable=name == "a link outside"
        )
    files_of_model = {"model.onnx": good(MOODS), "metadata.json": _encode(METADATA)}
    for name, content in archives(files_of_model).items():
        path = next(paths)
        path.mkdir(parents=True)
        (path / "model.zip").write_bytes(content)
        yield Case(f"archive: {name}", path)
    for name, content in _networks(MOODS, seed).items():
        path = write_model(next(paths), network=content)
        yield Case(f"network: {name}", path, may_be_usable=name.startswith("mutation"))
    for name, content in _networks(SCORES, seed).items():
        path = write_tagger(next(paths), network=content)
        usable = name in ("zero", "negative") or name.startswith("mutation")
        yield Case(f"tagger: {name}", path, is_tagger=True, may_be_usable=usable)


def write_model(path: Path, *, network: bytes | None = None, metadata: bytes | None = None) -> Path:
    """Write a model directory with the given network and metadata, which are valid by default."""
    path.mkdir(parents=True)
    content = good(MOODS) if network is None else network
    files = {"model.onnx": hashlib.sha256(content).hexdigest()}
    (path / "model.onnx").write_bytes(content)
    (path / "metadata.json").write_bytes(_encode({**METADATA, "files": files}) if metadata is None else metadata)
    return path


def write_tagger(path: Path, *, network: bytes | None = None, card: bytes | None = None) -> Path:
    """Write a tagger with the given network and card, which are valid by default, and return the ONNX file."""
    path.mkdir(parents=True)
    (path / "mine.onnx").write_bytes(good(SCORES) if network is None else network)
    (path / "mine.json").write_bytes(_encode(CARD) if card is None else card)
    return path / "mine.onnx"


def _encode(value: Any) -> bytes:
    return json.dumps(value).encode()


def _documents(valid: dict[str, Any]) -> dict[str, bytes]:
    """Return JSON documents that are not valid: damaged ones, and those with a wrong value in one field."""
    content = _encode(valid)
    cases = {
        "empty": b"",
        "white space": b" \n\n ",
        "null bytes": bytes(1000),
        "truncated": content[:-20],
        "trailing text": content + b"x",
        "two documents": content + content,
        "UTF-16": content.decode().encode("utf-16"),
        "UTF-16 without a mark": content.decode().encode("utf-16-le"),
        "UTF-32": content.decode().encode("utf-32"),
        "byte order mark": b"\xef\xbb\xbf" + content,
        "invalid UTF-8": content.replace(b'"', b'"\xff', 1),
        "lone surrogate": content[:-1] + b', "name": "\\ud800"}',
        "a list": b"[]",
        "a number": b"1",
        "deep lists": b"[" * _DEEP + b"]" * _DEEP,
        "deep objects": b'{"a":' * _DEEP + b"1" + b"}" * _DEEP,
        "unclosed lists": b"[" * _DEEP,
        "unknown deep field": content[:-1] + b', "x": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
        "key twice": content[:-1] + b", " + content[1:],
        "many keys": content[:-1] + b"".join(b', "%d": 0' % i for i in [*range(100_000), 0]) + b"}",
    }
    wrong = {
        "a deep list": "[" * _DEEP + "]" * _DEEP,
        "a huge number": "9" * 5000,
        "a large exponent": "1e400",
        "NaN": "NaN",
        "infinity": "-Infinity",
        "null": "null",
        "a nested list": "[[[]]]",
        "a wrong object": '{"a": {"b": []}}',
        "a Boolean": "true",
        "negative": "-1",
        "a list of text": '["a", "a"]',
    }
    fields = [key for key in valid if key not in ("parameters", "metrics", "versions", "training_set", "logits")]
    for field, (name, text) in itertools.product(fields, wrong.items()):
        if (field, name) != ("mean", "negative"):
            document = json.dumps({**valid, field: "@"}).replace('"@"', text)
            cases[f"{field} is {name}"] = document.encode()
    return cases


def _listed_names() -> dict[str, str]:
    return {
        "parent": "..",
        "above": "../secret",
        "absolute": "/etc/passwd",
        "below": "a/b",
        "backslash": "a\\b",
        "above on Windows": "..\\secret",
        "drive": "C:secret",
        "stream": "model.onnx:stream",
        "null byte": "a\0b",
        "line break": "a\nb",
        "nothing": "",
        "the folder": ".",
        "trailing dot": "model.onnx.",
        "long": "a" * 10_000,
        "metadata itself": "metadata.json",
        "missing": "missing.txt",
        "wrong hash": "model.onnx",
        "terminal control": "\x1b[2Ja",
    }


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _socket(path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(path.parent, os.O_DIRECTORY)  # the path may be too long for a socket
        server.bind(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link(target: str) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.unlink()
        path.symlink_to(target)

    return replace


def _link_outside(path: Path) -> None:
    outside = path.parent.with_name(f"{path.parent.name}-outside")
    path.rename(outside)
    path.symlink_to(outside)


_REPLACEMENTS: dict[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b"") and None,
    "a folder": _folder,
    "a named pipe": _pipe,
    "a socket": _socket,
    "a link to an endless device": _link("/dev/zero"),
    "a link to a random device": _link("/dev/urandom"),
    "a link to a terminal": _link("/dev/tty"),
    "a link to nothing": _link("nothing"),
    "a link to itself": _link("model.onnx"),
    "a link outside": _link_outside,
    "huge": lambda path: os.truncate(path, 20 * 10**9),
}


def _networks(frame: Frame, seed: int) -> dict[str, bytes]:
    return {
        **hostile_networks.wrong_values(frame),
        **hostile_networks.wrong_shapes(frame),
        # The limits are the same for both kinds of networks, and these take as long as the limits allow.
        **({**hostile_graphs.endless(frame), **hostile_graphs.large(frame)} if frame is MOODS else {}),
        **hostile_graphs.invalid(frame, seed),
        **hostile_graphs.mutated(frame, _N_MUTATIONS, seed),
    }
