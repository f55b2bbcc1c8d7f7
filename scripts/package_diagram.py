"""The Mermaid diagram of the packages in docs/architecture.md, derived from the imports of the code."""

from __future__ import annotations

import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
EXTERNAL = ("builtin", "__main__")


def package_diagram() -> str:
    """Return the packages by layer with their imports, without those that follow from others."""
    imports = direct_imports()
    lines = ["```mermaid", "flowchart TD"]
    for number, packages in enumerate(layers()):
        lines += [f"  subgraph layer{len(layers()) - number}[ ]", *(f"    {name}" for name in packages), "  end"]
    lines += [
        f"  {importer} --> {imported}"
        for importer in sorted(imports)
        for imported in sorted(essential(imports, importer))
    ]
    return "\n".join([*lines, "```"])


def layers() -> list[list[str]]:
    """Return the layers of the import contract, from the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (contract for contract in contracts if contract["containers"] == ["imagemood"])
    return [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def direct_imports() -> dict[str, set[str]]:
    """Return the packages and root modules that each of them imports when the code runs."""
    graph = grimp.build_graph("imagemood", exclude_type_checking_imports=True)
    imports: dict[str, set[str]] = {}
    for module in graph.modules:
        importer = top_level(module)
        imports.setdefault(importer, set()).update(map(top_level, graph.find_modules_directly_imported_by(module)))
    return {
        importer: {name for name in imported if name not in {importer, "", *EXTERNAL}}
        for importer, imported in imports.items()
        if importer not in {"", *EXTERNAL}
    }


def top_level(module: str) -> str:
    """Return the part of a module's name after `imagemood`, or an empty string for the package itself."""
    return [*module.split("."), ""][1]


def essential(imports: dict[str, set[str]], importer: str) -> set[str]:
    """Return the imports of a package that are not also imported, directly or not, by another import of it."""
    return {
        name
        for name in imports[importer]
        if not any(name in reachable(imports, other) for other in imports[importer] - {name})
    }


def reachable(imports: dict[str, set[str]], start: str) -> set[str]:
    """Return everything that a package imports, directly or indirectly."""
    seen: set[str] = set()
    pending = [start]
    while pending:
        new = imports.get(pending.pop(), set()) - seen
        seen |= new
        pending += new
    return seen
