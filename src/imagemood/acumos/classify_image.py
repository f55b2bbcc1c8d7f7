"""The command line of the 2018 program, with the same options and files.

Each run ends with the commands of `imagemood` that do the same.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood import _certificates, _interrupts, _streams
from imagemood._text import printable
from imagemood.acumos.account import Credentials, Destination, check
from imagemood.acumos.classic_options import is_summary_only, make_parser, parse, push_addresses
from imagemood.acumos.classic_predictions import MODEL_NAME, format_or_csv, predict
from imagemood.errors import InputError, MoodError, RemoteError

if TYPE_CHECKING:
    from imagemood.learning import Recipe, TrainingSet

__all__ = ["main", "make_parser"]

_MASK_NOTICE = "notice: -f creates masked samples, as its help says; in the 2018 program it switched them off"
_NOISE_NOTICE = (
    "notice: -n does not add soft noise, as its help says; in the 2018 program it switched the noise on"
)
_ORDER_NOTICE = (
    "notice: the labels are assigned to the images in the order of their first tag rows; if the labels are in the "
    "alphabetical order of the images, as in the 2018 program, add --label-order sorted"
)
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with status 1 if a server failed, or 2 for any other error."""
    if arguments is None:
        _interrupts.end_on_signals()
    _streams.prepare()
    options = parse(arguments)
    if options.cuda_env:
        os.environ["CUDA_VISIBLE_DEVICES"] = options.cuda_env
    try:
        with _interrupts.raised_interrupts(), _streams.reported_errors():
            commands = _run(options)
    except MoodError as error:
        _log(f"error: {error}")
        sys.exit(1 if isinstance(error, RemoteError) else 2)
    except KeyboardInterrupt:
        _log("interrupted")
        _interrupts.end()
        sys.exit(_INTERRUPTED)
    _log("equivalent imagemood commands:")
    for command in commands:
        _log(f"  {shlex.join(command)}")


def _run(options: argparse.Namespace) -> list[list[str]]:
    """Do what the options say, and return the equivalent commands of imagemood."""
    _certificates.use(options.ca_file)
    if not options.input:
        raise InputError("no tag rows", hint="add -i FEATURES; -h lists all options")
    if options.predict_path or not options.labels:
        if not (options.predict_path or options.dump_model):
            raise InputError("nothing to do", hint="add -l LABELS to train, or -d MODEL to predict")
        if options.summary or options.push_address:
            _log("notice: -s and -a have no effect on predictions; they need -l LABELS")
        return predict(options)
    destination = None if is_summary_only(options) else _destination(options)
    if options.dump_model:
        _check_dump(options.dump_model, force=options.force)
    training_set, source = _read(options)
    commands = []
    if options.summary > 0:
        _summarise(training_set, options.summary)
        commands.append(["imagemood", "summary", str(options.summary), *source])
    return commands if is_summary_only(options) else commands + _train(training_set, source, options, destination)


def _destination(options: argparse.Namespace) -> Destination | None:
    """Return the server to push to, or None; raise `InputError` if credentials are missing."""
    push_address, auth_address = push_addresses(options)
    if push_address is None:
        return None
    destination = Destination(push_address, auth_address)
    check(destination, Credentials.from_environment())
    for address in destination.insecure_addresses:
        _log(f"warning: {address} is not encrypted: anyone on the network can read your token and password")
    return destination


def _check_dump(path: str, *, force: bool) -> None:
    from imagemood._files import check_folder
    from imagemood.acumos.dump import MARKERS

    check_folder(path, markers=MARKERS, force=force)


def _read(options: argparse.Namespace) -> tuple[TrainingSet, list[str]]:
    """Return the training set, and the options of imagemood that select it."""
    from imagemood import tables
    from imagemood.learning import TrainingSet

    tags = tables.read(options.input, format=format_or_csv(options.input))
    labels = tables.read_labels(options.labels)
    source = ["--tags", options.input, "--labels", options.labels]
    images = [image for image in tags.images if isinstance(image, str)]
    if options.label_order is not None:
        source += ["--label-order", options.label_order]
    elif labels.images is None and images != sorted(images):
        _log(_ORDER_NOTICE)
    return TrainingSet.from_rows(tags, labels, sort_names=options.label_order == "sorted"), source


def _summarise(training_set: TrainingSet, n_top: int) -> None:
    for mood, rows in training_set.summary(n_top).items():
        print(printable(mood))
        for tag, score in rows:
            print(f"  {score:9.3f}  {printable(tag)}")


def _train(
    training_set: TrainingSet, source: list[str], options: argparse.Namespace, destination: Destination | None
) -> list[list[str]]:
    recipe, flags = _recipe(options)
    _print_evaluations(training_set, recipe)
    commands = [["imagemood", "evaluate", *source, *flags]]
    if not (options.dump_model or destination):
        return commands
    with tempfile.TemporaryDirectory() as folder:
        bundle = options.dump_model or str(Path(folder) / MODEL_NAME)
        _dump(training_set, recipe, bundle)
        if destination is not None:
            _push(bundle, destination, is_kept=bool(options.dump_model))
    named = options.dump_model or MODEL_NAME
    commands.append(["imagemood", "train", *source, *flags, "-o", "mymodel"])
    commands.append(["imagemood", "acumos", "dump", "--model", "mymodel", "--name", MODEL_NAME, "-o", named])
    if options.dump_model:
        commands[-1].append("--force")  # this command has just written the same bundle
    if destination is not None:
        auth = ["-A", destination.auth_address] if destination.auth_address else []
        commands.append(["imagemood", "acumos", "push", named, "-a", destination.push_address, *auth])
    return commands


def _dump(training_set: TrainingSet, recipe: Recipe, bundle: str) -> None:
    from imagemood.acumos.dump import BundleOptions, dump
    from imagemood.learning import train

    with tempfile.TemporaryDirectory() as folder:
        train(training_set, recipe).write(Path(folder) / "model")
        dump(bundle, model=Path(folder) / "model", options=BundleOptions(name=MODEL_NAME))


def _push(bundle: str, destination: Destination, *, is_kept: bool) -> None:
    from imagemood.acumos.push import push

    try:
        uri = push(bundle, destination, Credentials.from_environment())
    except MoodError:
        if not is_kept:
            _log("the trained model is not kept; -d MODEL saves it, so that it can be pushed again")
        raise
    _log(f"pushed to {destination.push_address}" + (f": {printable(uri)}" if uri else ""))


def _print_evaluations(training_set: TrainingSet, recipe: Recipe) -> None:
    from imagemood.evaluation.cross_validation import evaluate
    from imagemood.evaluation.hold_out import hold_out
    from imagemood.report import format_evaluation

    for title, evaluation in (
        ("Evaluation on a stratified test set of 20 % of the images:", hold_out(training_set, recipe)),
        ("Evaluation by 5-fold cross-validation:", evaluate(training_set, recipe)),
    ):
        print(f"{title}\n\n{format_evaluation(evaluation)}\n")


def _recipe(options: argparse.Namespace) -> tuple[Recipe, list[str]]:
    from imagemood.learning import Recipe
    from imagemood.learning.augmentation import CLASSIC_FRACTIONS, CLASSIC_NOISE, Augmentation

    fractions = CLASSIC_FRACTIONS if options.feature_nomask else ()
    noise = 0.0 if options.add_softnoise else CLASSIC_NOISE
    flags = ["--algorithm", options.model_type]
    if fractions:
        _log(_MASK_NOTICE)
        flags += ["--mask", ",".join(map(str, fractions))]
    if noise:
        flags += ["--noise", str(noise)]
    else:
        _log(_NOISE_NOTICE)
    return Recipe(options.model_type, augmentation=Augmentation(fractions, noise)), flags


def _log(message: str) -> None:
    _streams.print_message(message)
