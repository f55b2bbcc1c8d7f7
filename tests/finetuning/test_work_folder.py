from __future__ import annotations

import pytest

from imagemood.errors import InputError
from imagemood.finetuning.work_folder import claimed, remove

DESCRIPTION = {"photos": "1f", "settings": {"start": "moods"}, "recipe": {"sizes_px": (224, 192)}}


def claim(folder, description=DESCRIPTION):
    with claimed(folder, description):
        pass


def test_the_same_training_can_claim_a_folder_again(tmp_path):
    claim(tmp_path / "a" / "work")
    claim(tmp_path / "a" / "work")
    remove(tmp_path / "a" / "work")
    assert list((tmp_path / "a").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"photos": "2f"}, "photos"),
        ({"recipe": {}}, "recipe"),
        ({"photos": "2f", "settings": {"start": "tags"}}, "photos and settings"),
    ],
)
def test_another_training_is_refused(tmp_path, change, named):
    claim(tmp_path)
    with pytest.raises(InputError, match=f"belongs to a training with other {named} .*--work"):
        claim(tmp_path, DESCRIPTION | change)


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "diary.txt").touch()
    with pytest.raises(InputError, match="has other files"):
        claim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '"text"', '{"photos": "1f"}'])
def test_a_damaged_description_is_an_error(tmp_path, content):
    (tmp_path / "training.json").write_text(content)
    with pytest.raises(InputError, match="the description is damaged"):
        claim(tmp_path)


def test_two_commands_cannot_use_a_folder_at_once(tmp_path):
    with claimed(tmp_path, DESCRIPTION), pytest.raises(InputError, match="another command is using this folder"):
        claim(tmp_path)
    claim(tmp_path)


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "work").touch()
    with pytest.raises(InputError, match="work: cannot be written: File exists"):
        claim(tmp_path / "work")
