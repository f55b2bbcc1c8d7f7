"""The card of a model: a README that says what it was learned from, how well it does, and what it is not for."""

from __future__ import annotations

from imagemood.models.metadata import ModelMetadata

_LIMITS = """\
## Limits

The moods are what pictures evoke in some people: those who labelled the training set. They are not what the
people in a picture feel, and not what everybody feels who sees it. People from elsewhere may answer otherwise, and
people often disagree: a probability is the model's guess of the label, not a measure of a feeling.

Do not use it to judge people, to diagnose, to decide on anything that matters to somebody, or to steer anybody's
feelings without their knowledge.
"""


def render(metadata: ModelMetadata) -> str:
    """Write a model's card.

    Parameters
    ----------
    metadata : ModelMetadata
        What the model knows of itself.

    Returns
    -------
    str
        Markdown.
    """
    inputs = " and ".join(metadata.inputs)
    n_images = metadata.training_set.get("n_images", "an unknown number of")
    parts = [
        "# A mood classifier\n",
        f"From {inputs} to the probabilities of {len(metadata.labels)} moods: {', '.join(metadata.labels)}.\n",
        f"Algorithm: {metadata.algorithm}, learned from {n_images} labelled images "
        f"({len(metadata.vocabulary)} tags).\n",
        _images_per_mood(metadata),
        _figures(metadata),
        _LIMITS,
        "## Use\n\n    imagemood classify --model THIS_DIRECTORY photo.jpg\n",
        "Made with " + ", ".join(f"{name} {version}" for name, version in metadata.versions.items()) + ".\n",
    ]
    return "\n".join(part for part in parts if part)


def _images_per_mood(metadata: ModelMetadata) -> str:
    counts = metadata.training_set.get("images_per_mood", {})
    if not counts:
        return ""
    rows = [f"| {mood} | {n} |" for mood, n in counts.items()]
    return "\n".join(["| mood | images |", "|---|---|", *rows]) + "\n"


def _figures(metadata: ModelMetadata) -> str:
    figures = metadata.metrics
    if not figures:
        return "No cross-validated figures were measured; `imagemood evaluate` does.\n"
    rows = [
        f"| {mood} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} | {row['support']} |"
        for mood, row in figures["per_class"].items()
    ]
    header = ["| mood | precision | recall | F1 | images |", "|---|---|---|---|---|"]
    if figures["n_folds"]:
        how = f"Stratified {figures['n_folds']}-fold cross-validation on the training set"
    else:
        how = f"On {figures['n_images']} images kept from training"
    return (
        f"## Figures\n\n{how}: accuracy "
        f"{figures['accuracy']:.1%}, macro F1 {figures['macro_f1']:.3f}, expected calibration error "
        f"{figures['calibration_error']:.3f}.\n\n" + "\n".join([*header, *rows]) + "\n"
    )
