from __future__ import annotations

import pickle

import pytest

from imagemood.errors import InputError
from imagemood.exporting.libraries import import_library
from imagemood.exporting.weights import read_weights

torch = import_library("torch")


@pytest.mark.parametrize(
    "wrap", [dict, lambda state: {"state_dict": state, "epoch": 3}, lambda state: {"model": state}]
)
def test_tensors_saved_by_pytorch(tmp_path, wrap):
    torch.save(wrap({"module.bias": torch.ones(2)}), tmp_path / "weights.pth")
    assert read_weights(tmp_path / "weights.pth")["bias"].tolist() == [1, 1]


class Harmful:
    def __reduce__(self):
        return exec, ("raise SystemExit('executed')",)


@pytest.mark.parametrize("save", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))])
def test_code_in_a_file_is_not_executed(tmp_path, save):
    save({"bias": Harmful()}, tmp_path / "weights.pth")
    with pytest.raises(InputError, match=r"weights\.pth: cannot be read as weights: "):
        read_weights(tmp_path / "weights.pth")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.safetensors", "No such file"),
        ("weights.h5", "unknown format of weights (use one of .safetensors, "),
        ("damaged.safetensors", "cannot be read as weights: "),
        ("damaged.pt", "cannot be read as weights: "),
        ("number.pth", "contains no state dictionary"),
        ("list.pth", "contains no state dictionary"),
        ("numbers.pth", "contains no state dictionary"),
    ],
)
def test_unusable_files(tmp_path, name, message):
    for damaged in ("damaged.safetensors", "damaged.pt", "weights.h5"):
        (tmp_path / damaged).write_bytes(b"\x00" * 20)
    for file, value in {"number.pth": 3, "list.pth": [torch.ones(1)], "numbers.pth": {"bias": 3}}.items():
        torch.save(value, tmp_path / file)
    with pytest.raises(InputError) as caught:
        read_weights(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {message}")
