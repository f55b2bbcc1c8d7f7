"""How this package was installed, and the command that adds an extra to it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NAME = "image-mood-classifier"
"""The name of the distribution."""


@dataclass(frozen=True)
class Source:
    """The origin of an installation.

    Attributes
    ----------
    address : str or None
        The URL of a file or of a repository, or the path of a folder; None for a release of a package index.
    is_folder : bool
        Whether the address is the path of a folder.
    is_editable : bool
        Whether the installation uses the modules in that folder.
    """

    address: str | None = None
    is_folder: bool = False
    is_editable: bool = False

    def requirement(self, extras: Sequence[str]) -> str:
        """Return the requirement for this package with extras, in quotes.

        Examples
        --------
        >>> print(Source().requirement(["web"]))
        'image-mood-classifier[web]'
        >>> print(Source("file:///a/b.whl").requirement(["web", "train"]))
        'image-mood-classifier[train,web] @ file:///a/b.whl'
        >>> print(Source("/a/clone", is_folder=True).requirement(["web"]))
        '/a/clone[web]'
        """
        listed = f"[{','.join(sorted(set(extras)))}]"
        if self.address is None:
            return _quoted(f"{NAME}{listed}")
        return _quoted(f"{self.address}{listed}" if self.is_folder else f"{NAME}{listed} @ {self.address}")


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this installation, for a shell.

    The command depends on the program that installed the package: pip, uv, pipx, or one of them in an environment
    of conda.
    """
    found = _distribution()
    source = _source(found)
    editable = "--editable " if source.is_editable else ""
    prefix = Path(sys.prefix)
    if (prefix / "uv-receipt.toml").is_file():
        extras = [extra, *_extras_of_uv_tool(prefix / "uv-receipt.toml")]
        return f"uv tool install {editable}{source.requirement(extras)}"
    if (prefix / "pipx_metadata.json").is_file():
        extras = [extra, *_extras_of_pipx(prefix / "pipx_metadata.json")]
        if prefix.parent.name == "venvs":
            return f"pipx install --force {editable}{source.requirement(extras)}"
        return f"pipx run --spec {source.requirement(extras)} imagemood"
    if any(part.startswith("archive-v") for part in prefix.parts):  # the cache of uv
        return f"uvx --from {source.requirement([extra])} imagemood"
    return f"{_installer(found, prefix)} {editable}{source.requirement([extra])}"


def _distribution() -> Distribution | None:
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 (slow, and rarely needed)

    try:
        return distribution(NAME)
    except PackageNotFoundError:
        return None


def _source(found: Distribution | None) -> Source:
    """Return the origin of the installation, from the record of the installer (PEP 610)."""
    if found is None:  # the modules of a clone are on the search path
        clone = Path(__file__).resolve().parents[2]
        return _folder(clone, is_editable=True) if (clone / "pyproject.toml").is_file() else Source()
    record = json.loads(found.read_text("direct_url.json") or "{}")
    address, repository = record.get("url"), record.get("vcs_info")
    if repository is not None:
        return Source(f"{repository['vcs']}+{address}@{repository['commit_id']}")
    if address is None or not address.startswith("file:"):
        return Source(address)
    path = _path_of(address)
    if path.is_dir():
        return _folder(path, is_editable=bool(record.get("dir_info", {}).get("editable")))
    return Source(address if path.is_file() else None)  # the file may have been a temporary one


def _path_of(address: str) -> Path:
    from urllib.parse import urlsplit  # noqa: PLC0415 (slow, and rarely needed)
    from urllib.request import url2pathname  # noqa: PLC0415

    return Path(url2pathname(urlsplit(address).path))


def _folder(path: Path, *, is_editable: bool) -> Source:
    return Source("." if path == Path.cwd() else str(path), is_folder=True, is_editable=is_editable)


def _extras_of_uv_tool(receipt: Path) -> list[str]:
    """Return the extras of a tool, which uv would otherwise remove."""
    import tomllib  # noqa: PLC0415 (rarely needed)

    try:
        requirements = tomllib.loads(receipt.read_text("utf-8"))["tool"]["requirements"]
        return [extra for found in requirements if found["name"] == NAME for extra in found.get("extras", [])]
    except (OSError, ValueError, KeyError):
        return []


def _extras_of_pipx(metadata: Path) -> list[str]:
    try:
        package = json.loads(metadata.read_text("utf-8"))["main_package"]["package_or_url"]
    except (OSError, ValueError, KeyError):
        return []
    found = re.search(r"\[([^\]]+)\]", package)
    return re.split(r"\s*,\s*", found[1].strip()) if found else []


def _installer(found: Distribution | None, prefix: Path) -> str:
    """Return the command that installs packages into this environment."""
    installer = found.read_text("INSTALLER") if found is not None else None
    if (installer or "").strip() == "uv":
        if (prefix.parent / "uv.lock").is_file():
            return "uv add"
        is_active = os.environ.get("VIRTUAL_ENV") == str(prefix) or prefix == Path.cwd() / ".venv"
        return "uv pip install" if is_active else f"uv pip install --python {_quoted(sys.executable)}"
    if (prefix / "conda-meta").is_dir() and os.environ.get("CONDA_PREFIX") != str(prefix):
        return f"conda run --prefix {_quoted(str(prefix))} pip install"
    pip = shutil.which("pip")
    if pip is not None and Path(pip).parent.resolve() == Path(sys.executable).parent.resolve():
        return "pip install"
    return f"{_quoted(sys.executable)} -m pip install"


def _quoted(text: str) -> str:
    return (
        f'"{text}"' if os.name == "nt" else f"'{text}'" if "[" in text and "'" not in text else shlex.quote(text)
    )
