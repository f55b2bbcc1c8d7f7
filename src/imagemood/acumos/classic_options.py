"""The options of the 2018 command line, and those that this project adds to them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import PurePath

_EPILOG = """\
options that the 2018 program did not have:
  --label-order {{appearance,sorted}}
                        order of named images that the labels are in: that of their first tag rows (default), or
                        the alphabetical order, as in 2018; images with numbers are always in ascending order
  --force               replace the model in the directory of -d, which is otherwise an error
  --ca-file FILE        certificate authorities to trust instead of the default ones, in PEM format

examples:
  {prog} -l labels.txt -i tags.csv -d model   train, evaluate and dump a model
  {prog} -i tags.csv -d model                 predict with the dumped model, and print the moods
  {prog} -i tags.csv -d model -p moods.csv    save the moods
  {prog} -l labels.txt -i tags.csv -s 5       print the five strongest tags of each mood

FEATURES and LABELS can also be URLs, and compressed: .gz, .bz2, .xz, .zst or .zip. FEATURES is CSV unless its name
ends with .jsonl, .parquet, .pb or .bin (a protobuf message).

environment variables:
  ACUMOS_PUSH, ACUMOS_AUTH          defaults of -a and -A, for runs that train a model
  ACUMOS_TOKEN                      onboarding token
  ACUMOS_USERNAME, ACUMOS_PASSWORD  credentials to request a token with
  HTTPS_PROXY, NO_PROXY             proxy for connections, and hosts to connect to without it
  SSL_CERT_FILE, REQUESTS_CA_BUNDLE certificate authorities, if --ca-file is not given
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the arguments of a command; the options that it does not set have the value None."""
    added = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    added.add_argument("--label-order", choices=["appearance", "sorted"])
    added.add_argument("--force", action="store_true")
    added.add_argument("--ca-file", metavar="FILE")
    parser = make_parser()
    added.error = parser.error  # type: ignore[method-assign]
    options, remaining = added.parse_known_args(arguments)
    return parser.parse_args(remaining, options)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the 2018 program's options."""
    prog = PurePath(sys.argv[0]).name
    prog = f"python {prog}" if prog == "classify_image.py" else "classify_image"
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Train a mood classifier on the tags of images, or predict moods with a trained one.",
        epilog=_EPILOG.format(prog=prog),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("-p", "--predict_path", metavar="OUT.csv", help="save the predictions of the dumped model to this file")
    add("-i", "--input", metavar="FEATURES", help="tag rows: image, tag, score, with or without a header")
    add("-C", "--cuda_env", default="", metavar="DEVICES", help="CUDA devices to use: sets CUDA_VISIBLE_DEVICES")
    add("-l", "--labels", metavar="LABELS", help="file with one mood on each line, in the order of the images")
    add("-m", "--model_type", choices=["svm", "rf"], default="rf", help="classifier to train (default: rf)")
    add("-f", "--feature_nomask", action="store_true", help="create masked samples of the training images")
    add("-n", "--add_softnoise", action="store_true", help="do not add soft noise to some absent tags in training")
    add("-a", "--push_address", metavar="URL", help="server address to push the trained model to")
    add("-A", "--auth_address", metavar="URL", help="server address to authenticate at")
    add("-d", "--dump_model", metavar="MODEL", help="directory of the dumped model, written by training")
    add("-s", "--summary", type=_count, default=0, metavar="N", help="print the N strongest tags of each mood")
    return parser


def _count(text: str) -> int:
    """Parse a number of tags."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of tags")
    return number


def is_summary_only(options: argparse.Namespace) -> bool:
    """Return whether the command prints only the strongest tags, because it names nowhere to put a model."""
    return options.summary > 0 and not (options.dump_model or options.push_address)


def push_addresses(options: argparse.Namespace) -> tuple[str | None, str | None]:
    """Return the addresses of -a and -A, which default to those in the environment; None without a push."""
    push, auth = (
        os.environ.get(name) if given is None else given
        for name, given in (("ACUMOS_PUSH", options.push_address), ("ACUMOS_AUTH", options.auth_address))
    )
    return push or None, auth or None
