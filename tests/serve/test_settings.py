from __future__ import annotations

import pickle

from imagemood.serve.settings import Limits, Settings


def test_settings_can_be_pickled_and_do_not_show_the_token():
    settings = Settings(
        model="m",
        device="cuda:1",
        cors=("https://a.example",),
        token="secret-token",  # noqa: S106
        downstream={"tag": ["http://b/"]},
        limits=Limits(queue=7),
    )
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301
    assert "secret-token" not in repr(settings)
    assert "secret-token" not in str(settings)
