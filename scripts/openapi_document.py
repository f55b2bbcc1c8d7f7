"""Write the OpenAPI document of the routes that the web page uses, or check that it is up to date.

    python scripts/openapi_document.py --check

Without --check, the file is written. `make api-types` then generates the types of the page's requests and
responses from it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imagemood.serve.app import create_app

FILE = Path(__file__).resolve().parent.parent / "web" / "api-types" / "openapi.json"
PREFIX = "/v1/"
"""The prefix of the routes that the page uses, apart from the Acumos methods, which have a .proto file."""
_ERROR_STATUS = re.compile("[45][0-9]{2}")


def generate() -> str:
    """Return the document in JSON, without errors and examples, from which no types follow."""
    document = _simplified(create_app().openapi())
    paths = {path: item for path, item in document["paths"].items() if path.startswith(PREFIX)}
    schemas = document["components"]["schemas"]
    used = set(_references(paths))
    while not used >= (indirect := {found for name in used for found in _references(schemas[name])}):
        used |= indirect
    selected = {
        "openapi": document["openapi"],
        "info": {
            "title": document["info"]["title"],
            "version": "1",
        },  # the version of the package changes too often
        "paths": paths,
        "components": {"schemas": {name: schema for name, schema in schemas.items() if name in used}},
    }
    return json.dumps(selected, indent=2, ensure_ascii=False) + "\n"


def _references(part: Any) -> Iterator[str]:
    """Yield the names of the schemas that a part of the document refers to."""
    if isinstance(part, dict):
        if isinstance(reference := part.get("$ref"), str):
            yield reference.rpartition("/")[2]
        part = list(part.values())
    if isinstance(part, list):
        for value in part:
            yield from _references(value)


def _simplified(part: Any) -> Any:
    """Return a part of the document without examples, which contain pictures, and responses to errors."""
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if key not in {"example", "examples", "x-codeSamples"}}
        return {key: _simplified(value) for key, value in kept.items() if not _ERROR_STATUS.fullmatch(key)}
    return [_simplified(value) for value in part] if isinstance(part, list) else part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only report whether the file is out of date")
    is_check = parser.parse_args().check
    content = generate()
    if not is_check:
        FILE.write_text(content, "utf-8")
    elif not FILE.exists() or FILE.read_text("utf-8") != content:
        sys.exit(f"check: {FILE.name} does not match the routes of the service; run make api-types")


if __name__ == "__main__":
    main()
