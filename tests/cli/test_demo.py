from __future__ import annotations

from tests.cli.commands import run


def test_demo_credits_each_picture():
    text = run("demo").stdout.decode()
    for words in ("Chelsea the cat", "Stefan van der Walt", "CC0", "Hubble", "NASA", "public domain"):
        assert words in text
