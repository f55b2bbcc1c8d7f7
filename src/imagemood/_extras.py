"""The optional dependencies of this package, and the error if one of them is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from imagemood.errors import MissingExtraError

MODULES = {
    "web": ("httpx", "httpcore", "idna", "tenacity"),
    "tables": ("pyarrow",),
    "dataframes": ("narwhals",),
    "train": ("sklearn", "scipy", "joblib", "threadpoolctl", "skl2onnx", "onnx"),
    "visual": ("cv2", "pywt", "skimage"),
    "report": ("jinja2", "matplotlib"),
    "serve": (
        "fastapi",
        "fastapi_offline",
        "starlette",
        "uvicorn",
        "httptools",
        "multipart",
        "prometheus_client",
    ),
    "heif": ("pi_heif",),
    "raw": ("rawpy",),
    "video": ("av",),
    "cloud": ("obstore",),
    "bulk": ("daft", "jinja2", "psutil"),
    "bulk-ray": ("ray",),
    "ray": ("ray",),
    "export": ("torch", "onnxscript", "filelock", "safetensors", "timm", "open_clip", "transformers"),
}
"""The modules that each extra adds; several extras include others, as pyproject.toml says."""
_INCLUDED = {
    "train": ("tables",),
    "report": ("train",),
    "serve": ("web",),
    "cloud": ("web",),
    "bulk": ("cloud", "tables"),
    "bulk-ray": ("bulk",),
    "ray": ("serve",),
    "export": ("train", "web"),
}
_DISTRIBUTIONS = {
    "cv2": "opencv-python-headless",
    "fastapi_offline": "fastapi-offline",
    "multipart": "python-multipart",
    "open_clip": "open_clip_torch",
    "pi_heif": "pi-heif",
    "prometheus_client": "prometheus-client",
    "pywt": "PyWavelets",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}


def require(extra: str) -> None:
    """Raise `MissingExtraError` unless all modules of an extra are installed.

    Examples
    --------
    >>> require("train")
    """
    for name in modules(extra):
        if find_spec(name) is None:
            raise MissingExtraError(distribution(name), extra=extra)


def modules(extra: str) -> list[str]:
    """Return the modules that an extra adds, including those of the extras that it includes.

    Examples
    --------
    >>> modules("cloud")
    ['obstore', 'httpx', 'httpcore', 'idna', 'tenacity']
    """
    found = list(MODULES[extra])
    for included in _INCLUDED.get(extra, ()):
        found += modules(included)
    return found


def distribution(module: str) -> str:
    """Return the name under which a module is installed.

    Examples
    --------
    >>> distribution("sklearn"), distribution("torch")
    ('scikit-learn', 'torch')
    """
    return _DISTRIBUTIONS.get(module, module)


@contextmanager
def needs(extra: str | None = None) -> Iterator[None]:
    """Convert the error of an import in a ``with`` block to `MissingExtraError` if a module is not installed.

    Parameters
    ----------
    extra : str, optional
        The extra to name. Defaults to the first one that adds the module.

    Examples
    --------
    >>> with needs("tables"):
    ...     import pyarrow
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = missing_extra(error, extra)
        if missing is None:
            raise
        raise missing from error


def missing_extra(error: ModuleNotFoundError, extra: str | None = None) -> MissingExtraError | None:
    """Return the error that names the extra of a module that is not installed; None for other modules.

    Parameters
    ----------
    error : ModuleNotFoundError
        The error of the import.
    extra : str, optional
        The extra to name. Defaults to the first one that adds the module.
    """
    name = (error.name or "").partition(".")[0]
    found = extra or next((extra for extra, names in MODULES.items() if name in names), None)
    if found is None or not any(name in names for names in MODULES.values()):
        return None
    return MissingExtraError(distribution(name), extra=found)
