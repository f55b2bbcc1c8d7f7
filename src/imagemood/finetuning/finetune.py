"""Fine-tunes the built-in network on labelled photos; an interrupted run resumes."""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from imagemood.errors import MoodError, OutOfMemoryError, first_line
from imagemood.finetuning import checkpoint, depthwise
from imagemood.finetuning.decoded_photos import DecodedPhotos
from imagemood.finetuning.device import choose_device, choose_dtype
from imagemood.finetuning.linear_head import fit_linear_head
from imagemood.finetuning.model import FinetunedModel, make_model
from imagemood.finetuning.network import MoodNetwork
from imagemood.finetuning.photo_set import MIN_PHOTOS, PhotoSet
from imagemood.finetuning.recipe import Recipe
from imagemood.finetuning.settings import Settings
from imagemood.finetuning.starting_weights import load_network
from imagemood.finetuning.stored_photos import store
from imagemood.finetuning.training import Training, predict
from imagemood.finetuning.work_folder import claimed
from imagemood.learning.datasets.labelled_dataset import LabelledDataset
from imagemood.learning.training import check_images_per_mood
from imagemood.models.tagger_files import TaggerFiles
from imagemood.pictures.names import of_address, to_address
from imagemood.pictures.reading import storage
from imagemood.pictures.reading.addresses import join

_CHECKPOINT_S = 30.0
_MIN_SHOWN_S = 10.0
_N_UNTIMED, _N_TIMED = 2, 3  # the first steps are slower
_GPU_SHARE = 0.5  # of the free memory of a GPU that decoded photos may take

ShowProgress = Callable[[str], AbstractContextManager[Callable[[int, int], object]]]


@dataclass(frozen=True)
class Console:
    """Shows users what is going on.

    Attributes
    ----------
    inform : callable
        Called with messages.
    progress : callable
        Returns a context manager for a description of some work; its value is called with the number of finished
        pieces, and their total.
    """

    inform: Callable[[str], object]
    progress: ShowProgress


@dataclass(frozen=True, eq=False)
class Finetuned:
    """The result of `finetune`: the model, and the errors of photos that could not be used."""

    model: FinetunedModel
    failures: list[MoodError]


def finetune(
    dataset: LabelledDataset,
    work: Path,
    settings: Settings,
    *,
    device: str = "auto",
    console: Console,
) -> Finetuned:
    """Fine-tune the built-in network on labelled photos.

    Parameters
    ----------
    dataset : LabelledDataset
        The photos, each with a mood.
    work : Path
        Folder for the decoded photos and the checkpoint, from which the same call resumes.
    settings : Settings
        The settings of the training.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    console : Console
        Shows messages and progress.

    Raises
    ------
    InputError
        If there are too few photos, the work folder belongs to another training or is in use, or a file cannot be
        written.
    OutOfMemoryError
        If there is too little memory.
    """
    chosen = choose_device(device)
    moods = [one.mood for one in dataset.pictures]
    check_images_per_mood(Counter(moods), min_images_per_mood=MIN_PHOTOS)
    network_sha256 = TaggerFiles.at().network_sha256()
    description = {"photos": _fingerprint(dataset), **settings.describe(), "network": network_sha256}
    with claimed(work, description), _reported_errors():
        with console.progress("Reading pictures") as tick:
            stored = store([one.picture for one in dataset.pictures], work, progress=tick)
        photos = PhotoSet.split(stored, moods, settings.held_out, inform=console.inform)
        recipe = settings.recipe(len(photos.learned))
        network = _train(photos, settings, recipe, chosen, work / "checkpoint.npz", console)
        parameters: dict[str, Any] = {
            **description["settings"],
            "n_epochs": recipe.n_epochs,
            "n_batch": recipe.n_batch,
        }
        console.inform("exporting the network")
        with console.progress("Evaluating") as tick:
            model = make_model(network, photos, parameters, progress=tick)
    return Finetuned(model, [*dataset.failures, *stored.failures])


def _train(
    photos: PhotoSet, settings: Settings, recipe: Recipe, device: torch.device, file: Path, console: Console
) -> MoodNetwork:
    """Train from the last checkpoint, if there is one, and return the averaged network on the CPU."""
    dtype = choose_dtype(device)
    problem = depthwise.compile_library() if device.type == "cpu" and dtype is torch.bfloat16 else None
    if problem:
        console.inform(f"the training takes about twice the time, because {problem}")
    training, decoded = _start(photos, settings, recipe, device, dtype, file, console)
    targets = torch.from_numpy(photos.targets(recipe.label_smoothing, balanced=settings.balanced)).to(device)
    with console.progress("Training") as tick:
        tick(training.n_steps_done, training.n_steps)
        saved, losses = time.monotonic(), []
        for loss in _timed(training, training.run(decoded, photos.learned, targets), console.inform):
            if not math.isfinite(loss):
                raise MoodError("the training has diverged", hint="choose another --seed")
            is_last = training.n_steps_done == training.n_steps
            if is_last or time.monotonic() - saved > _CHECKPOINT_S:
                checkpoint.save(training, file)
                saved = time.monotonic()
            losses.append(loss)
            if training.n_steps_done % training.n_steps_per_epoch == 0:
                mean = sum(losses) / len(losses)
                console.inform(f"epoch {training.epoch} of {recipe.n_epochs}: mean loss {mean:.3f}")
                losses.clear()
            tick(training.n_steps_done, training.n_steps)
    return training.average.cpu()


def _start(
    photos: PhotoSet,
    settings: Settings,
    recipe: Recipe,
    device: torch.device,
    dtype: torch.dtype,
    file: Path,
    console: Console,
) -> tuple[Training, DecodedPhotos]:
    """Return the training, at its beginning or at its last checkpoint, and the photos."""
    network = load_network(len(photos.labels), settings.start, drop_rate=recipe.drop_rate).to(device)
    decoded = DecodedPhotos(_pixels(photos, device), network, dtype)
    parts = f"{len(photos.learned):,} photos of {len(photos.labels)} moods for training"
    n_epochs = "1 epoch" if recipe.n_epochs == 1 else f"{recipe.n_epochs} epochs"
    text = f"{parts}, {len(photos.held_out):,} held out; {n_epochs} on {device}"
    n_steps_per_epoch = len(photos.learned) // recipe.n_batch
    if file.is_file():
        training = Training(network, recipe, n_steps_per_epoch)
        checkpoint.resume(training, file)
        console.inform(f"{text}, resumed after step {training.n_steps_done:,} of {training.n_steps:,}")
        return training, decoded
    console.inform(text)
    with console.progress("Training the mood head") as tick:
        fit_linear_head(network, decoded, photos.learned, photos.moods, balanced=settings.balanced, progress=tick)
    if len(photos.held_out):
        predicted = predict(network, decoded.batch, photos.held_out).argmax(axis=1)
        accuracy = float((predicted == photos.moods[photos.held_out]).mean())
        console.inform(f"before fine-tuning, with a new mood head only: accuracy {accuracy:.1%}")
    return Training(network, recipe, n_steps_per_epoch), decoded


def _timed(training: Training, steps: Iterator[float], inform: Callable[[str], object]) -> Iterator[float]:
    """Yield the losses of the steps, and report after a few of them how long the others will take."""
    start = 0.0
    for i, loss in enumerate(steps):
        yield loss
        if i + 1 == _N_UNTIMED:
            start = time.monotonic()
        elif i + 1 == _N_UNTIMED + _N_TIMED:
            seconds = (time.monotonic() - start) / _N_TIMED * (training.n_steps - training.n_steps_done)
            if seconds > _MIN_SHOWN_S:
                inform(f"about {_duration(seconds)} left")


def _duration(seconds: float) -> str:
    """Return a duration in rounded units.

    Examples
    --------
    >>> _duration(12), _duration(300), _duration(9000)
    ('12 seconds', '5 minutes', '2.5 hours')
    """
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"


def _pixels(photos: PhotoSet, device: torch.device) -> torch.Tensor:
    """Return the photos in the memory of a GPU if they fit, otherwise in the file."""
    pixels = torch.from_numpy(photos.pixels)
    if device.type == "cuda" and pixels.nbytes < _GPU_SHARE * torch.cuda.mem_get_info(device)[0]:
        return pixels.to(device)
    return pixels


def _fingerprint(dataset: LabelledDataset) -> str:
    """Return a hash of the moods, names, sizes and modification times of the files."""
    digest = hashlib.sha256()
    prefix = of_address(join(dataset.root, ""))
    for one in dataset.pictures:
        name = one.picture.name.removeprefix(prefix)
        digest.update(repr((one.mood, name, *storage.version(to_address(one.picture.name)))).encode())
    return digest.hexdigest()


@contextmanager
def _reported_errors() -> Iterator[None]:
    """Convert the errors of PyTorch about memory and GPUs to errors of this package."""
    try:
        yield
    except MoodError:
        raise
    except (MemoryError, RuntimeError) as error:
        what = first_line(error)
        if isinstance(error, MemoryError) or "memory" in str(error):
            hint = "free memory and run the same command again to resume, or use another device"
            raise OutOfMemoryError(f"not enough memory for training: {what}", hint=hint) from error
        if "CUDA" in str(error):
            hint = "run the same command again to resume, or use the device cpu"
            raise MoodError(f"the GPU has failed: {what}", hint=hint) from error
        raise
