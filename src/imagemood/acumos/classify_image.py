"""The command line of the 2018 program: its flags and files, on the rooms of today."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.errors import InputError, MoodError, RemoteError

if TYPE_CHECKING:
    from imagemood.learning import Recipe, TrainingSet

_MASK_NOTICE = "notice: -f makes masked copies, as its help says; the 2018 program switched them off with it"
_NOISE_NOTICE = "notice: -n leaves soft noise out, as its help says; the 2018 program switched it on with it"
_EPILOG = """\
examples:
  classify_image.py -l labels.txt -i tags.csv -d model      train, report, dump
  classify_image.py -i tags.csv -d model -p moods.csv       predict from the dumped model

environment: ACUMOS_PUSH, ACUMOS_AUTH (addresses); ACUMOS_TOKEN, or ACUMOS_USERNAME and ACUMOS_PASSWORD
"""


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the 2018 program's flags.

    Returns
    -------
    argparse.ArgumentParser
        All of them, long and short.
    """
    parser = argparse.ArgumentParser(
        prog="classify_image.py",
        description="Train a mood classifier on the tags of images, or predict moods with one.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("-p", "--predict_path", metavar="OUT.csv", help="save predictions of the dumped model here")
    add("-i", "--input", metavar="FEATURES", help="tag rows: image, tag, score, with or without a header")
    add("-C", "--cuda_env", default="", metavar="DEVICES", help="value for CUDA_VISIBLE_DEVICES")
    add("-l", "--labels", metavar="LABELS", help="one mood on each line, in the order of the image index")
    add("-m", "--model_type", choices=["svm", "rf"], default="rf", help="what to train (default: rf)")
    add("-f", "--feature_nomask", action="store_true", help="create masked samples of the training images")
    add("-n", "--add_softnoise", action="store_true", help="do not add soft noise to absent tags in training")
    add("-a", "--push_address", default=os.environ.get("ACUMOS_PUSH", ""), help="push the model here")
    add("-A", "--auth_address", default=os.environ.get("ACUMOS_AUTH", ""), help="authenticate here")
    add("-d", "--dump_model", metavar="MODEL", help="directory of the dumped model, to write or to predict from")
    add("-s", "--summary", type=int, default=0, metavar="N", help="print the top N tags of each mood")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the classic command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process by default.

    Raises
    ------
    SystemExit
        With 0 when done, 1 when a server failed, 2 for wrong usage.
    """
    parser = make_parser()
    options = parser.parse_args(arguments)
    if options.cuda_env:
        os.environ["CUDA_VISIBLE_DEVICES"] = options.cuda_env
    try:
        commands = _run(options)
    except MoodError as error:
        _say(f"error: {error}")
        sys.exit(1 if isinstance(error, RemoteError) else 2)
    _say("the same with imagemood:")
    for command in commands:
        _say(f"  {shlex.join(command)}")


def _run(options: argparse.Namespace) -> list[list[str]]:
    """Do what the flags say; give the commands that do the same."""
    if not options.input:
        raise InputError("no tag rows", hint="give -i FEATURES; -h explains")
    if options.predict_path:
        return _predict(options)
    if not options.labels:
        raise InputError("nothing to do", hint="give -l LABELS to train, or -p OUT.csv and -d MODEL to predict")
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
    from imagemood.models import model_directory

    if not options.dump_model:
        raise InputError("no model to predict with", hint="give -d MODEL, a directory that -d wrote")
    answer = model_directory.load(options.dump_model).predict_rows(tables.read(options.input))
    if answer.n_unknown_rows:
        _say(f"warning: {answer.n_unknown_rows} rows left out: the model does not know their tags")
    if answer.images_without_known_tag:
        _say(f"warning: {len(answer.images_without_known_tag)} images have no known tag and get the prior")
    tables.write(answer.rows, options.predict_path)
    return [["imagemood", "mood", options.input, "--model", options.dump_model, "-o", options.predict_path]]


def _summarise(training_set: TrainingSet, n_top: int) -> None:
    for mood, rows in training_set.summary(n_top).items():
        print(mood)
        for tag, score in rows:
            print(f"  {score:9.3f}  {tag}")


def _train(training_set: TrainingSet, source: list[str], options: argparse.Namespace) -> list[list[str]]:
    from imagemood._files import check_replaceable
    from imagemood.acumos.dump import MARKERS, dump
    from imagemood.evaluation.evaluate import cross_validate, hold_out
    from imagemood.learning import train
    from imagemood.report import format_evaluation

    if options.push_address and not options.dump_model:
        raise InputError("pushing needs a dumped model", hint="give -d MODEL too")
    if options.dump_model:
        check_replaceable(options.dump_model, markers=MARKERS)
    recipe, flags = _recipe(options)
    for title, evaluation in (
        ("On a stratified 20 % of the images, kept from training:", hold_out(training_set, recipe)),
        ("By 5-fold cross-validation:", cross_validate(training_set, recipe)),
    ):
        print(f"{title}\n\n{format_evaluation(evaluation)}\n")
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


def _recipe(options: argparse.Namespace) -> tuple[Recipe, list[str]]:
    from imagemood.learning import Recipe
    from imagemood.learning.augmentation import CLASSIC_FRACTIONS, CLASSIC_NOISE, Augmentation

    fractions = CLASSIC_FRACTIONS if options.feature_nomask else ()
    noise = 0.0 if options.add_softnoise else CLASSIC_NOISE
    flags = ["--algorithm", options.model_type]
    if fractions:
        _say(_MASK_NOTICE)
        flags += ["--mask", ",".join(map(str, fractions))]
    if not noise:
        _say(_NOISE_NOTICE)
    else:
        flags += ["--noise", str(noise)]
    return Recipe(options.model_type, augmentation=Augmentation(fractions, noise)), flags


def _push(options: argparse.Namespace) -> list[str]:
    from imagemood.acumos.account import Credentials, Destination
    from imagemood.acumos.push import push

    destination = Destination(options.push_address, options.auth_address or None)
    for address in destination.insecure:
        _say(f"warning: {address} is plain http: your token and password can be read on the way")
    uri = push(options.dump_model, destination, Credentials.from_environment())
    _say(f"pushed to {options.push_address}" + (f": {uri}" if uri else ""))
    given = ["-A", options.auth_address] if options.auth_address else []
    return ["imagemood", "acumos", "push", options.dump_model, "-a", options.push_address, *given]


def _say(line: str) -> None:
    print(line, file=sys.stderr)
