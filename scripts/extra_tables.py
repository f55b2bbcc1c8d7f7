"""Table of the extras for docs/install.md, checked against pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from markdown_table import table
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
PURPOSES = {
    "web": "pictures and tables at URLs; uploads to Acumos",
    "tables": "Parquet and Arrow; lists of pictures in CSV and JSON lines; `search`; faster reading of CSV",
    "dataframes": "results as tables of pandas, Polars or PyArrow",
    "train": "`train`, `evaluate`, `compare`, and the 2018 command",
    "visual": "the 71 [visual features](visual.md)",
    "report": "HTML reports of evaluations",
    "serve": "the [service](service.md) and the [web page](web.md)",
    "heif": "pictures in HEIC, the format of phones",
    "raw": "pictures in the raw formats of cameras",
    "video": "the first frame of videos as a picture",
    "cloud": "pictures and datasets in S3, Google Cloud Storage and Azure",
    "bulk": "[bulk runs](bulk.md), search and gallery",
    "bulk-ray": "bulk runs on Ray clusters",
    "ray": "the service on Ray clusters",
    "export": "[fine-tuning](finetuning.md), and [networks of other libraries](backbones.md); contains PyTorch",
    "all": "everything above",
}
DEVELOPMENT = {"docs", "dev"}


def extras() -> str:
    """Return the extras with their purposes and the packages that they name."""
    listed = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]
    if missing := set(listed) - set(PURPOSES) - DEVELOPMENT:
        raise ValueError(f"describe the extras {', '.join(sorted(missing))} in {Path(__file__).name}")
    rows = [[f"`{name}`", PURPOSES[name], _contents(listed[name])] for name in listed if name not in DEVELOPMENT]
    return table(["extra", "for", "contains"], rows)


def _contents(lines: list[str]) -> str:
    """Return the names of the packages and of the other extras that an extra contains."""
    requirements = [Requirement(line) for line in lines]
    own = [
        f"`{extra}`"
        for item in requirements
        if item.name == "image-mood-classifier"
        for extra in sorted(item.extras)
    ]
    return ", ".join([*own, *(item.name for item in requirements if item.name != "image-mood-classifier")])
