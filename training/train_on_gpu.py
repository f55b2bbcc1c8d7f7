"""Train networks on a GPU, on a machine that the photos reach in parts, and that returns its results in parts.

    python training/train_on_gpu.py unpack fi-train-0.tar --photos PHOTOS
    python training/train_on_gpu.py train --photos PHOTOS --work WORK --size lite2 --seeds 0 1 2 --minutes 8 -o OUT
    python training/train_on_gpu.py join OUT/lite2_none_0.* -o checkpoint.pt

`unpack` adds the photos of an archive to PHOTOS. `train` decodes all photos into the memory of the GPU and trains
one network after another, for each seed, until the time is up. WORK keeps checkpoints, from which the same command
resumes. The averaged weights of each network, in half precision, and its predictions for the photos that it was
not trained on are written to OUT in files of at most 16 MiB, which `join` converts to a checkpoint for
`export_network.py`. Without a GPU, `--steps 10` tries everything on the CPU.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import published
import torch
from photos import Photos, read
from recipe import NetworkRecipe
from split import held_out, trained_on
from train_network import make_targets, metrics, save

from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.network import SIZE_PX, SIZES
from imagemood.finetuning.training import Training, predict

PART_BYTES = 16 * 2**20
N_STEPS_PER_CHECKPOINT = 500
N_DECODED = 512


def unpack(archive: Path, folder: Path) -> None:
    """Extract the photos of a tar file; the folder then has a subfolder for each mood."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if member.isfile():
                member.name = "/".join(Path(member.name).parts[-2:])
                tar.extract(member, folder, filter="data")


def write_parts(content: bytes, file: Path) -> list[Path]:
    """Write content to `file` with the suffixes .00, .01 and so on, and return the files."""
    files = []
    for i, start in enumerate(range(0, len(content), PART_BYTES)):
        files.append(file.with_name(f"{file.name}.{i:02}"))
        files[-1].write_bytes(content[start : start + PART_BYTES])
    return files


def join(files: list[Path], output: Path) -> None:
    """Join the parts of `write_parts`, in the order of their names."""
    content = b"".join(file.read_bytes() for file in sorted(files))
    state = torch.load(io.BytesIO(content), weights_only=True)
    network = published.load(state["recipe"]["size"], state["recipe"]["n_shared"])
    network.load_state_dict(state["average"], strict=False)  # the others are published
    torch.save({**state, "average": network.state_dict()}, output)


def decode(photos: Photos, device: torch.device) -> torch.Tensor:
    """Decode all photos into the memory of the device."""
    pixels = torch.empty((len(photos), SIZE_PX, SIZE_PX, 3), dtype=torch.uint8, device=device)
    for start in range(0, len(photos), N_DECODED):
        part = torch.from_numpy(photos.pixels(slice(start, start + N_DECODED)))
        pixels[start : start + len(part)] = part.to(device)
    return pixels


def train(
    photos: Photos,
    data: DecodedPhotos,
    training: Training,
    recipe: NetworkRecipe,
    soft: Path | None,
    checkpoint: Path,
    deadline: float,
) -> bool:
    """Train until the end or the deadline, and return whether the training is complete."""
    device = data.pixels.device
    if checkpoint.is_file():
        training.resume(torch.load(checkpoint, map_location=device, weights_only=True))
    learned = np.flatnonzero(np.isin(photos.twentieths, trained_on(recipe.trained_on)))
    targets = torch.from_numpy(make_targets(photos, soft, recipe)).to(device)
    for loss in training.run(data, learned, targets):
        is_late = time.monotonic() > deadline
        if training.n_steps_done % N_STEPS_PER_CHECKPOINT == 0 or is_late:
            save(training, recipe, checkpoint)
        if training.n_steps_done % training.n_steps_per_epoch == 0:
            print(f"epoch {training.epoch} of {recipe.n_epochs}: last loss {loss:.3f}", file=sys.stderr)
        if is_late:
            return training.n_steps_done == training.n_steps
    return True


def run(options: argparse.Namespace) -> None:
    """Train a network for each seed."""
    deadline = time.monotonic() + options.minutes * 60
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for folder in (options.work, options.output):
        folder.mkdir(parents=True, exist_ok=True)
    photos = read(options.photos)
    others = np.flatnonzero(np.isin(photos.twentieths, held_out(options.trained_on)))
    n_learned = int(np.isin(photos.twentieths, trained_on(options.trained_on)).sum())
    pixels = None
    for seed in options.seeds:
        recipe = NetworkRecipe(
            size=options.size,
            trained_on=options.trained_on,
            n_epochs=options.n_epochs,
            n_batch=options.n_batch,
            rate=options.rate,
            label_smoothing=options.label_smoothing,
            seed=seed,
        )
        network = published.load(recipe.size, recipe.n_shared, recipe.drop_rate).to(device)
        training = Training(network, recipe, n_learned // recipe.n_batch)
        if options.steps is not None:
            training.n_steps = min(training.n_steps, options.steps)
        if pixels is None:
            pixels = decode(photos, device)
            print(f"{len(photos)} photos on {device}", file=sys.stderr)
        data = DecodedPhotos(pixels, training.average)
        name = f"{recipe.size}_{recipe.trained_on}_{seed}"
        checkpoint = options.work / f"{name}.pt"
        if not train(photos, data, training, recipe, options.soft_targets, checkpoint, deadline):
            print(
                f"{name}: not complete after {training.n_steps_done} steps; run again to resume", file=sys.stderr
            )
            return
        weights = training.average.state_dict().items()
        average = {key: value.half().cpu() for key, value in weights if key.startswith("mood")}
        state = {"average": average, "recipe": recipe.summary()}
        content = io.BytesIO()
        torch.save(state, content)
        files = write_parts(content.getvalue(), options.output / name)
        results: dict[str, object] = {"files": [file.name for file in files]}
        if len(others):
            logits = predict(training.average, data, others)
            np.savez(options.output / f"{name}.npz", names=photos.names[others], logits=logits.astype(np.float16))
            results |= metrics(logits, photos.moods[others], photos.labels)
        print(json.dumps({"name": name, **results}), flush=True)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    unpacking = commands.add_parser("unpack", help="add the photos of an archive")
    unpacking.add_argument("archive", type=Path)
    unpacking.add_argument("--photos", type=Path, required=True)
    joining = commands.add_parser("join", help="join the parts of a network")
    joining.add_argument("parts", type=Path, nargs="+")
    joining.add_argument("-o", "--output", type=Path, required=True)
    learning = commands.add_parser("train", help="train a network for each seed")
    learning.add_argument("--photos", type=Path, required=True)
    learning.add_argument("--work", type=Path, required=True)
    learning.add_argument("-o", "--output", type=Path, required=True)
    learning.add_argument("--size", choices=SIZES, default="lite2")
    learning.add_argument("--seeds", type=int, nargs="+", default=[0])
    learning.add_argument("--minutes", type=float, default=8.0)
    learning.add_argument("--steps", type=int, help="number of steps of each training, to try the script")
    learning.add_argument("--soft-targets", type=Path, help="output of soft_targets.py for the same photos")
    for name, kind in (("trained_on", str), ("n_epochs", int), ("n_batch", int), ("rate", float)):
        learning.add_argument(f"--{name.replace('_', '-')}", type=kind, default=getattr(NetworkRecipe, name))
    learning.add_argument("--label-smoothing", type=float, default=0.1)
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    if options.command == "unpack":
        unpack(options.archive, options.photos)
    elif options.command == "join":
        join(options.parts, options.output)
    else:
        run(options)
