"""Measures the web page with large albums: seconds, the longest task of the page, and the size of its heap.

    python benchmarks/page_albums.py PHOTOS [--number 300 --number 1500] [--page FOLDER] [--service URL]

PHOTOS is a folder of photos; if it has fewer than needed, they are repeated under other names. This needs
Chromium and Playwright. Tasks are stated in milliseconds that passed, and of CPU time, since other programs make
tasks take longer. Without --service, the service is started. --page FOLDER replaces the page by another
build, such as that of an earlier version, so that both are measured in the same manner. The pace of the service
is that of a client that sends the same photos, unchanged, in requests of eight. The results are JSON lines.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

PHOTO_EXTENSIONS = (".jpg", ".jpeg", ".png", ".webp")
PICTURES_PER_REQUEST = 8
# Records tasks of more than 50 ms, and the largest heap.
OBSERVE = """
window.tasks = []; window.heap = 0; window.ends = 0;
new PerformanceObserver(list => { for (const task of list.getEntries()) tasks.push(task.duration); })
    .observe({ type: "longtask", buffered: true });
setInterval(() => { heap = Math.max(heap, performance.memory.usedJSHeapSize); }, 250);
"""
# The wording of this version and of earlier ones.
IS_FINISHED = r"""() => {
    const status = document.querySelector(".gallery [role=status]")?.textContent ?? "";
    return /^All pictures processed|^[\d,]+ classified/.test(status);
}"""


def main() -> None:
    """Measure each number of photos."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--number", type=int, action="append", help="number of photos; may be repeated")
    parser.add_argument("--page", type=Path, help="folder of another build of the page")
    parser.add_argument("--service", help="URL of a running service")
    parser.add_argument("--without-pace", action="store_true", help="do not measure the pace of the service")
    arguments = parser.parse_args()
    photos = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in PHOTO_EXTENSIONS)
    if not photos:
        sys.exit(f"{arguments.photos}: no photos")
    with contextlib.ExitStack() as stack:
        address = arguments.service or stack.enter_context(_service())
        for number in arguments.number or [300]:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            files = [folder / f"{i:05d}{photos[i % len(photos)].suffix}" for i in range(number)]
            for i, file in enumerate(files):
                _link(photos[i % len(photos)], file)
            result: dict[str, Any] = {"photos": number, "page": str(arguments.page or "current")}
            result |= measure(address, folder, arguments.page)
            if not arguments.without_pace:
                result["service_s"] = round(pace(address, files), 1)
            print(json.dumps(result), flush=True)


def measure(address: str, folder: Path, other_page: Path | None) -> dict[str, Any]:
    """Open a folder in the page, and return what was measured until all photos are classified."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    flags = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info", "--js-flags=--expose-gc"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        if other_page:
            _replace_page(page, address, other_page)
        page.add_init_script(OBSERVE)
        page.goto(address)
        page.get_by_role("button", name="Folder", exact=True).wait_for()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Folder", exact=True).click()
        page.evaluate("tasks.length = 0")
        browser.start_tracing(page=page, categories=["__metadata", "toplevel"])
        start = time.perf_counter()
        chooser.value.set_files(folder)
        page.wait_for_function(IS_FINISHED, timeout=1_200_000, polling=200)
        seconds = time.perf_counter() - start
        page.wait_for_timeout(3000)  # for the tasks after the end, such as sorting
        tasks = page.evaluate("tasks")
        heap = page.evaluate("heap")
        tiles = page.locator(".tiles li").count()
        cpu_ms = _cpu_times(json.loads(browser.stop_tracing())["traceEvents"])
        browser.close()
    return {
        "seconds": round(seconds, 1),
        "longest_task_ms": round(max(tasks, default=0)),
        "tasks_over_100_ms": sum(task > 100 for task in tasks),
        "longest_task_cpu_ms": round(max(cpu_ms, default=0)),
        "tasks_over_100_cpu_ms": sum(task > 100 for task in cpu_ms),
        "cpu_s": round(sum(cpu_ms) / 1000, 1),
        "heap_mb": round(heap / 1e6),
        "tiles": tiles,
    }


def _cpu_times(events: list[dict[str, Any]]) -> list[float]:
    """Return the CPU time of each task of the page's main thread, in milliseconds."""
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    times: dict[int, list[float]] = {}
    for event in events:
        if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in threads:
            times.setdefault(event["pid"], []).append(event.get("tdur", 0) / 1000)
    return max(times.values(), key=sum, default=[])  # the page, rather than an unused process


def pace(address: str, files: list[Path]) -> float:
    """Return how many seconds the service takes for the photos, with two requests of eight at a time."""
    batches = [files[i : i + PICTURES_PER_REQUEST] for i in range(0, len(files), PICTURES_PER_REQUEST)]
    with httpx.Client(timeout=120) as client, concurrent.futures.ThreadPoolExecutor(2) as executor:

        def send(batch: list[Path]) -> None:
            parts = [("image", (path.name, path.read_bytes(), "image/jpeg")) for path in batch]
            client.post(f"{address.rstrip('/')}/v1/moods", files=parts).raise_for_status()

        start = time.perf_counter()
        list(executor.map(send, batches))
        return time.perf_counter() - start


def _replace_page(page: Page, address: str, folder: Path) -> None:
    """Answer requests for the files of the page from a folder."""

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(address.rstrip("/") + "/").partition("?")[0] or "index.html"
        file = folder / path
        route.fulfill(path=file) if file.is_file() else route.continue_()

    page.route(f"{address.rstrip('/')}/", answer)
    page.route(f"{address.rstrip('/')}/assets/*", answer)


@contextlib.contextmanager
def _service() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/v1/labels")
                break
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _link(photo: Path, file: Path) -> None:
    try:
        os.link(photo, file)
    except OSError:
        shutil.copyfile(photo, file)


if __name__ == "__main__":
    main()
