"""The command `tagger export`, which turns networks of other libraries into taggers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood._text import printable
from imagemood.cli import options, output

if TYPE_CHECKING:
    from imagemood.exporting.tagger_export import ExportedTagger


def export(
    source: Annotated[
        str,
        typer.Argument(
            help="timm/NAME, open_clip/NAME/PRETRAINED, hf/OWNER/NAME, or one of these prefixes and a folder.",
            metavar="NETWORK",
            show_default=False,
        ),
    ],
    folder: Annotated[
        Path,
        typer.Option("-o", "--output", help="Folder of the tagger to write.", metavar="DIR", show_default=False),
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            help="File with the weights, instead of downloading them: safetensors, or tensors saved by PyTorch.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    random_weights: Annotated[
        bool, typer.Option("--random-weights", help="Use random weights, to try an export without downloading.")
    ] = False,
    force: options.Force = False,
) -> None:
    """Export an image network of timm, OpenCLIP or Hugging Face as a tagger.

    The library of the network downloads the weights, unless they are local. The exported network and its
    preparation of pictures are compared with the original. The licence of the weights is shown if it is known.

    Example: imagemood tagger export timm/convnext_tiny.in12k_ft_in1k -o mytagger
    """
    from imagemood._files import check_folder
    from imagemood.exporting.tagger_export import MARKERS, export_tagger

    check_folder(folder, markers=MARKERS, force=force)
    output.inform(f"exporting {printable(source)}")
    exported = export_tagger(source, folder, weights=weights, random_weights=random_weights)
    output.emit("".join(printable(line) + "\n" for line in _describe(exported, folder)), None)


def _describe(exported: ExportedTagger, folder: Path) -> list[str]:
    card, agreement = exported.card, exported.agreement
    facts = {
        "tagger": f"{folder}, {exported.n_bytes / 1e6:,.1f} MB",
        "tags": len(card.labels) or "none: the network computes only an embedding",
        "embedding": f"{exported.n_embedding} features",
        "picture size": card.size_px,
        "difference": f"{max(agreement.scores, agreement.embedding):.0e} from the original network",
        "pixels": f"{agreement.pixels:.2f} of 255 mean difference from the original preparation",
        "licence": card.license or "unknown: find out whether you may use the weights",
        "next": f"imagemood train --images PHOTOS --tagger {folder} -o MODEL",
    }
    return [f"{name:16} {value}" for name, value in facts.items()]
