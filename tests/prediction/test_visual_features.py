from __future__ import annotations

import numpy as np
import PIL.Image

from imagemood import visual
from imagemood.errors import ImageError
from imagemood.prediction.visual_features import compute_many


def test_features_are_computed_in_order_and_failures_have_an_error(sample_photos, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"not a picture")
    paths = [sample_photos / "coffee.png", bad, sample_photos / "rocket.jpg"]
    first, failed, last = compute_many(paths, n_workers=2)
    assert [first.image, failed.image, last.image] == list(map(str, paths))
    assert isinstance(failed.error, ImageError)
    assert failed.error.where == str(bad)
    assert failed.visual is None
    with PIL.Image.open(paths[0]) as photo:
        squared = photo.convert("RGB").resize((224, 224), PIL.Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(first.visual, visual.extract(np.asarray(squared)))
    assert not np.array_equal(first.visual, last.visual)
