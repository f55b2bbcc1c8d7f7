from __future__ import annotations

from pathlib import Path

import pytest

from imagemood.errors import InputError
from imagemood.exporting.names import check_repository, local_folder


@pytest.fixture
def folders(tmp_path, monkeypatch):
    for name in ("mine", "owner/mine", "owner/empty", "resnet18"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("mine", "owner/mine"):
        (tmp_path / name / "config.json").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("mine", "mine"),
        ("./mine", "mine"),
        ("owner/mine/", "owner/mine"),
        ("~/mine", "mine"),
        ("owner/other", None),
        ("resnet18", None),  # the folder of this name has no network
        ("resnet50.a1_in1k", None),
    ],
)
def test_local_folders_and_names(folders, name, folder):
    found = local_folder(name, "config.json", f"timm/{name}")
    assert (found and found.resolve()) == (folder and (folders / folder).resolve())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./none", "hf/./none: No such folder"),
        ("/none/at/all", "hf//none/at/all: No such folder"),
        ("~/none", "hf/~/none: No such folder"),
        ("../none", "hf/../none: No such folder"),
        ("owner/empty", "hf/owner/empty: the folder has no config.json (give a folder"),
        ("./resnet18", "hf/./resnet18: the folder has no config.json"),
        (".", "hf/.: the folder has no config.json"),
    ],
)
def test_folders_without_a_network(folders, name, message):
    with pytest.raises(InputError) as caught:
        local_folder(name, "config.json", f"hf/{name}")
    assert str(caught.value).startswith(message)
    assert Path.cwd() == folders.resolve()


def test_names_of_repositories():
    check_repository("google/siglip-base-patch16-224", "hf/x")
    check_repository("owner/name@main", "timm/x")
    for name in ("a/b/c", "a b", "owner/", "owner/-name"):
        with pytest.raises(InputError, match="not the name of a repository on the Hugging Face Hub"):
            check_repository(name, f"hf/{name}")
