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

from imagemood import _streams
from imagemood._text import printable
from imagemood.errors import InputError, MoodError, RemoteError

if TYPE_CHECKING:
    from imagemood.learning import Recipe, TrainingSet

_MASK_NOTICE = "notice: -f creates masked samples, as its help says; in the 2018 program it switched them off"
_NOISE_NOTICE = (
    "notice: -n does not add soft noise, as its help says; in the 2018 program it switched the noise on"
)
_EPILOG = """\
examples:
  classify_image.py -l labels.txt -i tags.csv -d model      train, evaluate and dump a model
  classify_image.py -i tags.csv -d model -p moods.csv       predict with the dumped model

environment variables:
  ACUMOS_PUSH, ACUMOS_AUTH          defaults of -a and -A
  ACUMOS_TOKEN                      onboarding token
  ACUMOS_USERNAME, ACUMOS_PASSWORD  credentials to request a token with
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the 2018 program's options."""
    parser = argparse.ArgumentParser(
        prog="classify_image.py",
        description="Train a mood classifier on the tags of images, or predict moods with a trained one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("-p", "--predict_path", metavar="OUT.csv", help="save the predictions of the dumped model to this file")
    add("-i", "--input", metavar="FEATURES", help="tag rows: image, tag, score, with or without a header")
    add("-C", "--cuda_env", default="", metavar="DEVICES", help="CUDA devices to use: sets CUDA_VISIBLE_DEVICES")
    add("-l", "--labels", metavar="LABELS", help="file with one mood on each line, in the order of the images")
    add("-m", "--model_type", choices=["svm", "rf"], default="rf", help="classifier to train (default: rf)")
    add("-f", "--feature_nomask", action="store_true", help="create masked samples of the training images")
    add("-n", "--add_softnoise", action="store_true", help="do not add soft noise to absent tags in training")
    add(
        "-a",
        "--push_address",
        default=os.environ.get("ACUMOS_PUSH", ""),
        metavar="URL",
        help="server address to push the dumped model to",
    )
    add(
        "-A",
        "--auth_address",
        default=os.environ.get("ACUMOS_AUTH", ""),
        metavar="URL",
        help="server address to authenticate at",
    )
    add("-d", "--dump_model", metavar="MODEL", help="directory of the dumped model, written by training")
    add("-s", "--summary", type=int, default=0, metavar="N", help="print the N strongest tags of each mood")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with status 1 if a server failed, or 2 for any other error."""
    _streams.prepare()
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.cuda_env:
        os.environ["CUDA_VISIBLE_DEVICES"] = options.cuda_env
    try:
        with _streams.reported_errors():
            commands = _run(options)
    except MoodError as error:
        _log(f"error: {error}")
        sys.exit(1 if isinstance(error, RemoteError) else 2)
    _log("equivalent imagemood commands:")
    for command in commands:
        _log(f"  {shlex.join(command)}")


def _run(options: argparse.Namespace) -> list[list[str]]:
    """Do what the options say, and return the equivalent commands of imagemood."""
    if not options.input:
        raise InputError("no tag rows", hint="add -i FEATURES; -h lists all options")
    if options.predict_path:
        return _predict(options)
    if not options.labels:
        raise InputError("nothing to do", hint="add -l LABELS to train, or -p OUT.csv and -d MODEL to predict")
    from imagemood import tables
    from imagemood.learning import TrainingSet

    training_set = TrainingSet.from_rows(tables.read(options.input), tables.read_labels(options.labels))
    source = ["--tags", options.input, "--labels", options.labels]
    commands = []
    if options.summary > 0:
        _summarise(training_set, options.summary)
        commands.append(["imagemood", "summary", str(options.summary), *source])
    return commands + _train(training_set, source, options)


def _predict(options: argparse.Namespace) -> list[list[str]]:
    from imagemood import tables
    from imagemood._files import check_file
    from imagemood.models import model_directory

    if not options.dump_model:
        raise InputError("no model to predict with", hint="add -d MODEL, the directory of a dumped model")
    check_file(options.predict_path)
    moods = model_directory.load(options.dump_model).predict_rows(tables.read(options.input))
    if moods.n_unknown_rows:
        _log(f"warning: skipped {moods.n_unknown_rows} rows whose tags the model does not know")
    n_unknown_images = len(moods.images_without_known_tag)
    if n_unknown_images:
        _log(f"warning: predicted the prior probabilities for {n_unknown_images} images without a known tag")
    tables.write(moods.rows, options.predict_path)
    return [["imagemood", "mood", options.input, "--model", options.dump_model, "-o", options.predict_path]]


def _summarise(training_set: TrainingSet, n_top: int) -> None:
    for mood, rows in training_set.summary(n_top).items():
        print(printable(mood))
        for tag, score in rows:
            print(f"  {score:9.3f}  {printable(tag)}")


def _train(training_set: TrainingSet, source: list[str], options: argparse.Namespace) -> list[list[str]]:
    from imagemood._files import check_folder
    from imagemood.acumos.dump import MARKERS, dump
    from imagemood.learning import train

    if options.push_address and not options.dump_model:
        raise InputError("no dumped model to push", hint="add -d MODEL")
    if options.dump_model:
        check_folder(options.dump_model, markers=MARKERS)
    recipe, flags = _recipe(options)
    _print_evaluations(training_set, recipe)
    commands = [["imagemood", "evaluate", *source, *flags]]
    if options.dump_model:
        with tempfile.TemporaryDirectory() as folder:
            train(training_set, recipe).write(Path(folder) / "model")
            dump(options.dump_model, model=Path(folder) / "model")
        commands.append(["imagemood", "train", *source, *flags, "-o", "mymodel"])
        commands.append(["imagemood", "acumos", "dump", "--model", "mymodel", "-o", options.dump_model])
    if options.push_address:
        commands.append(_push(options))
    return commands


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


def _push(options: argparse.Namespace) -> list[str]:
    from imagemood.acumos.account import Credentials, Destination
    from imagemood.acumos.push import push

    destination = Destination(options.push_address, options.auth_address or None)
    for address in destination.insecure_addresses:
        _log(f"warning: {address} is not encrypted: anyone on the network can read your token and password")
    uri = push(options.dump_model, destination, Credentials.from_environment())
    _log(f"pushed to {options.push_address}" + (f": {uri}" if uri else ""))
    auth = ["-A", options.auth_address] if options.auth_address else []
    return ["imagemood", "acumos", "push", options.dump_model, "-a", options.push_address, *auth]


def _log(message: str) -> None:
    _streams.print_message(message)
