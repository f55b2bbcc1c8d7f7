"""Take the two pictures of the web page for README.md, from `imagemood serve` at the address given."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import PIL.Image
from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent.parent / "docs"
MAX_BYTES = 150_000
PICTURES = (
    ("page-wide.png", {"width": 1180, "height": 1040}, "light", "Chelsea the cat", "60"),
    ("page-phone.png", {"width": 390, "height": 800}, "dark", "Coffee cup", "0"),
)


def take(
    browser: Browser, address: str, file: Path, viewport: dict[str, int], scheme: str, sample: str, veil: str
) -> None:
    page = browser.new_page(viewport=viewport, color_scheme=scheme)
    page.goto(address)
    page.get_by_role("button", name=sample).click()
    page.locator(".tags tr").first.wait_for()
    page.get_by_role("slider").fill(veil)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(800)  # bars come to rest
    whole, photo = picture(page.screenshot()), picture(page.locator(".frame").screenshot())
    page.evaluate("document.querySelector('.frame').style.visibility = 'hidden'")
    surroundings = picture(page.screenshot())
    page.close()
    # Colours of moods must not be lost among the many of the photo: each of the two has its share of the palette.
    for n_colours in (160, 128, 96, 64):
        small = [image.quantize(n).getpalette() for image, n in ((surroundings, 96), (photo, n_colours))]
        palette = PIL.Image.new("P", (1, 1))
        palette.putpalette(small[0][: 3 * 96] + small[1][: 3 * n_colours])
        whole.quantize(palette=palette, dither=PIL.Image.Dither.NONE).save(file, optimize=True)
        if file.stat().st_size < MAX_BYTES:
            return
    sys.exit(f"{file} has {file.stat().st_size} bytes, more than {MAX_BYTES}")


def picture(screenshot: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(screenshot)).convert("RGB")


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8887/"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, *how in PICTURES:
            take(chromium, address, DOCS / name, *how)
        chromium.close()
