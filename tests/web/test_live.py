from __future__ import annotations

import base64
import re
from itertools import pairwise

from playwright.sync_api import expect

from tests.web.conftest import choose, last_picture

# Two photos in turns, half a second each.
RECORD = """async urls => {
    const pictures = await Promise.all(urls.map(async url => createImageBitmap(await (await fetch(url)).blob())));
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
    const parts = [];
    recorder.ondataavailable = event => parts.push(event.data);
    recorder.start();
    for (let i = 0; i < 40; i++) {
        context.drawImage(pictures[Math.floor(i / 10) % pictures.length], 0, 0, 320, 240);
        await new Promise(resume => setTimeout(resume, 50));
    }
    await new Promise(done => { recorder.onstop = done; recorder.stop(); });
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(""));
}"""
# Notes the share of the first mood whenever its bar moves.
WATCH = """mood => {
    window.shown = [];
    const bar = document.querySelector(`[data-mood=${mood}] .fill`);
    new MutationObserver(() => shown.push(1 + new DOMMatrix(bar.style.transform.replace(/%/, "px")).m41 / 100))
        .observe(bar, { attributes: true, attributeFilter: ["style"] });
}"""

WAIT = """n => new Promise(done => {
    const look = setInterval(() => { if (shown.length > n) done(clearInterval(look)); }, 50);
})"""


def test_webcam(page):
    page.get_by_role("link", name="Webcam").click()
    page.get_by_role("button", name="Start the webcam").click()
    expect(page.locator(".bars li")).to_have_count(8)
    expect(page.locator(".rate")).to_contain_text("frames a second")
    expect(page.locator(".trail")).to_have_attribute("points", re.compile(r"^(\S+ ){5,}"))
    frame = last_picture(page)
    assert (frame.format, frame.size) == ("JPEG", (224, 224))

    page.get_by_role("button", name="Keep this frame").click()
    expect(page.locator(".headline h2")).to_be_visible()
    expect(page.locator("figcaption").first).to_contain_text("Frame of")
    assert page.locator(".photo").evaluate("i => [i.naturalWidth, i.naturalHeight]") == [640, 480]
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_role("button", name="Start the webcam")).to_be_visible()


def test_a_video_file_is_told_smoothly(page, cascade, chelsea, samples, tmp_path):
    astronaut = cascade.classify(samples["astronaut.png"].path)
    apart = {mood: abs(share - astronaut.moods[mood]) for mood, share in chelsea.moods.items()}
    mood = max(apart, key=apart.get)
    recorded = page.evaluate(RECORD, ["v1/samples/chelsea.png", "v1/samples/astronaut.png"])
    (tmp_path / "film.webm").write_bytes(base64.b64decode(recorded))
    answers = []
    page.on("response", lambda response: answers.append(response) if "/v1/moods" in response.url else None)
    page.get_by_role("link", name="Live").click()
    choose(page, "A video file", tmp_path / "film.webm")
    expect(page.locator(".bars li")).to_have_count(8)
    page.evaluate(WATCH, mood)
    answers.clear()
    page.evaluate(WAIT, 25)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("video")).to_have_count(0)
    told = [answer.json()["results"][0]["moods"][mood] for answer in answers[:25]]
    shown = page.evaluate("shown")[:25]
    assert max(told) - min(told) > 0.5 * apart[mood]
    assert moved(shown) < 0.8 * moved(told)
    assert max(step(shown)) < max(step(told))


def step(values):
    return [abs(b - a) for a, b in pairwise(values)]


def moved(values):
    return sum(step(values))


def test_no_video_is_said(page, tmp_path):
    (tmp_path / "film.webm").write_bytes(b"no video")
    page.get_by_role("link", name="Live").click()
    choose(page, "A video file", tmp_path / "film.webm")
    expect(page.get_by_role("alert")).to_have_text("This video cannot be played here.")
