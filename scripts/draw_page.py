"""Take the two screenshots of the web page for README.md; the page must be built, and Chromium be installed."""

from __future__ import annotations

import argparse
import io
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import PIL.Image
from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
MAX_BYTES = 150_000
SCREENSHOTS = (
    ("page-wide.png", {"width": 1180, "height": 1040}, "light", "Chelsea the cat", "60"),
    ("page-phone.png", {"width": 390, "height": 800}, "dark", "Coffee cup", "0"),
)


@contextmanager
def service() -> Iterator[str]:
    """Run the service, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), "--no-access-log"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        if not process.stderr.readline().startswith("serving at"):
            sys.exit("the service does not start")
        yield f"http://127.0.0.1:{port}/"
        process.terminate()


def take(
    browser: Browser, url: str, file: Path, viewport: dict[str, int], scheme: str, sample: str, opacity: str
) -> None:
    page = browser.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(url)
    page.get_by_role("button", name=sample).click()
    page.locator(".tags tr").first.wait_for()
    page.get_by_role("slider").fill(opacity)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(800)  # until the bars stop moving
    whole, photo = _rgb(page.screenshot()), _rgb(page.locator(".frame").screenshot())
    page.evaluate("document.querySelector('.frame').style.visibility = 'hidden'")
    surroundings = _rgb(page.screenshot())
    page.close()
    # Photo and page each get a part of the palette, so that the photo's many colours do not displace the moods'.
    for n_colours in (160, 128, 96, 64):
        palettes = [image.quantize(n).getpalette() for image, n in ((surroundings, 96), (photo, n_colours))]
        palette = PIL.Image.new("P", (1, 1))
        palette.putpalette(palettes[0][: 3 * 96] + palettes[1][: 3 * n_colours])
        whole.quantize(palette=palette, dither=PIL.Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size < MAX_BYTES:
            return
    sys.exit(f"{file}: {file.stat().st_size} bytes, the maximum is {MAX_BYTES}")


def _rgb(screenshot: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(screenshot)).convert("RGB")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    with service() as url, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, *options in SCREENSHOTS:
            take(chromium, url, DOCS / name, *options)
        chromium.close()
