from __future__ import annotations

import pytest

from imagemood.errors import InputError
from imagemood.keywords.sidecars import SidecarName, Sidecars


@pytest.mark.parametrize(
    ("files", "appended", "replaced"),
    [
        (["IMG.jpg"], "IMG.jpg.xmp", "IMG.xmp"),
        (["IMG.jpg", "IMG.jpg.xmp"], "IMG.jpg.xmp", "IMG.jpg.xmp"),
        (["IMG.jpg", "IMG.xmp"], "IMG.xmp", "IMG.xmp"),
        (["IMG.jpg", "IMG.XMP"], "IMG.XMP", "IMG.XMP"),
        (["IMG.jpg", "IMG.xmp", "IMG.jpg.xmp"], "IMG.jpg.xmp", "IMG.xmp"),
        (["IMG.jpg", "IMG.CR2", "IMG.xmp"], "IMG.jpg.xmp", None),  # that of the raw file
        (["IMG.jpg", "IMG.png"], "IMG.jpg.xmp", None),
        (["IMG.jpg", "IMG.JPG", "IMG.JPG.xmp"], "IMG.jpg.xmp", None),
        (["IMG.jpg", "IMG.JPG.xmp"], "IMG.JPG.xmp", "IMG.JPG.xmp"),
    ],
)
def test_the_name_of_a_sidecar(tmp_path, files, appended, replaced):
    for name in files:
        (tmp_path / name).touch()
    picture = tmp_path / "IMG.jpg"
    assert Sidecars().target(picture).name == appended
    if replaced is None:
        with pytest.raises(InputError, match=r"IMG.jpg: IMG.xmp would also be the sidecar of IMG"):
            Sidecars(SidecarName.REPLACE).target(picture)
    else:
        assert Sidecars(SidecarName.REPLACE).target(picture).name == replaced


def test_new_and_removed_sidecars(tmp_path):
    (tmp_path / "a.jpg").touch()
    sidecars = Sidecars()
    assert sidecars.existing(tmp_path / "a.jpg") == []
    (tmp_path / "a.jpg.xmp").touch()
    sidecars.add(tmp_path / "a.jpg.xmp")
    assert sidecars.existing(tmp_path / "a.jpg") == [tmp_path / "a.jpg.xmp"]
    (tmp_path / "a.jpg.xmp").unlink()
    assert sidecars.existing(tmp_path / "a.jpg") == []
