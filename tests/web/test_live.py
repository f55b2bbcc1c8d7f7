from __future__ import annotations

import base64
import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from imagemood.pictures.samples import FOLDER
from tests.web.conftest import choose, last_upload
from tests.web.typescript import evaluate

# Two alternating photos, half a second each.
RECORD_VIDEO = """async urls => {
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
# Records the displayed probability of a mood whenever its bar changes.
RECORD_BAR = r"""mood => {
    window.displayed = [];
    const bar = document.querySelector(`[data-mood=${mood}] .fill`);
    new MutationObserver(() => displayed.push(1 + /(-?[\d.e-]+)%/.exec(bar.style.transform)[1] / 100))
        .observe(bar, { attributes: true, attributeFilter: ["style"] });
}"""


WAIT_FOR_CHANGES = """n => new Promise((done, fail) => {
    const timer = setInterval(() => { if (displayed.length > n) done(clearInterval(timer)); }, 50);
    setTimeout(fail, 15_000, "no changes");
})"""


def test_webcam_frames_are_classified(page):
    page.get_by_role("link", name="Webcam").click()
    page.get_by_role("button", name="Start the webcam").click()
    expect(page.locator(".bars li")).to_have_count(8)
    expect(page.locator(".rate")).to_contain_text("frames per second")
    expect(page.locator(".trail")).to_have_attribute("points", re.compile(r"^(\S+ ){5,}"))
    frame = last_upload(page)
    assert (frame.format, frame.size) == ("JPEG", (224, 224))

    page.get_by_role("button", name="Capture this frame").click()
    expect(page.locator(".headline h2")).to_be_visible()
    expect(page.locator("figcaption").first).to_contain_text("Frame at")
    assert page.locator(".photo").evaluate("i => [i.naturalWidth, i.naturalHeight]") == [640, 480]
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_role("button", name="Start the webcam")).to_be_visible()


def test_predictions_for_a_video_are_smoothed(page, cascade, cat, tmp_path):
    astronaut = cascade.classify(FOLDER / "astronaut.jpg")
    differences = {mood: abs(p - astronaut.moods[mood]) for mood, p in cat.moods.items()}
    mood = max(differences, key=differences.get)
    recorded = page.evaluate(RECORD_VIDEO, ["v1/samples/cat.jpg", "v1/samples/astronaut.jpg"])
    (tmp_path / "video.webm").write_bytes(base64.b64decode(recorded))
    responses = []
    page.on("response", lambda response: responses.append(response) if "/v1/moods" in response.url else None)
    page.get_by_role("link", name="Live").click()
    choose(page, "Choose a video file", tmp_path / "video.webm")
    expect(page.locator(".bars li")).to_have_count(8)
    page.evaluate(RECORD_BAR, mood)
    responses.clear()
    page.evaluate(WAIT_FOR_CHANGES, 25)
    page.get_by_role("button", name="Close the video").click()
    expect(page.locator("video")).to_have_count(0)
    predicted = [response.json()["results"][0]["moods"][mood] for response in responses[:25]]
    displayed = page.evaluate("displayed")[:25]
    assert max(predicted) - min(predicted) > 0.5 * differences[mood]
    # How much less depends on the time that a prediction takes.
    assert total_change(displayed) < total_change(predicted)
    assert max(changes(displayed)) < max(changes(predicted))


def changes(values):
    return [abs(b - a) for a, b in pairwise(values)]


def total_change(values):
    return sum(changes(values))


def test_smoothing_does_not_depend_on_the_frame_rate():
    """Half of the difference from a prediction is left after 350 ms, in however many steps."""
    affect = {"valence": 0.4, "arousal": -0.2, "positive": 0.7, "negative": 0.3}
    before = {"moods": {"awe": 0.75, "fear": 0.25}, "affect": dict.fromkeys(affect, 0.0)}
    after = {"moods": {"awe": 0.25, "fear": 0.75}, "affect": affect}
    step = "smooth({0}, input.after, {1} * input.ms)"
    once, several, first, much_later = (
        step.format("input.before", 1),
        step.format(step.format(step.format("input.before", 0.2), 0.5), 0.3),
        step.format("undefined", 1),
        step.format("input.before", 100),
    )
    (found,) = evaluate(
        "smoothing.ts",
        f"[{once}, {several}, {first}, {much_later}].map(({{ moods, affect }}) => [moods, affect])",
        [{"before": before, "after": after, "ms": 350}],
    )
    halfway = {name: value / 2 for name, value in affect.items()}
    for moods, mixed_affect in found[:2]:
        assert moods == pytest.approx({"awe": 0.5, "fear": 0.5})
        assert mixed_affect == pytest.approx(halfway)
    for moods, mixed_affect in found[2:]:
        assert moods == pytest.approx(after["moods"])
        assert mixed_affect == pytest.approx(affect)


def test_unplayable_video_is_reported(page, tmp_path):
    (tmp_path / "video.webm").write_bytes(b"not a video")
    page.get_by_role("link", name="Live").click()
    choose(page, "Choose a video file", tmp_path / "video.webm")
    expect(page.get_by_role("alert")).to_have_text("Your browser cannot play this video.")


@pytest.fixture
def webcam(page):
    page.get_by_role("link", name="Live").click()
    page.get_by_role("button", name="Start the webcam").click()
    expect(page.locator(".bars li")).to_have_count(8)
    return page


def requests_within(page, ms):
    """Return how many requests a page sends within a number of milliseconds."""
    return page.evaluate(
        """async (ms) => {
            const before = performance.getEntriesByType("resource").length;
            await new Promise((resolve) => setTimeout(resolve, ms));
            return performance.getEntriesByType("resource").length - before;
        }""",
        ms,
    )


def wait_for_new_prediction(page):
    with page.expect_response("**/v1/moods"):
        pass


def test_the_webcam_continues_when_the_service_responds_again(webcam):
    error = "the service is overloaded; try again later"
    webcam.route("**/v1/moods", lambda route: route.fulfill(status=503, json={"detail": error}))
    expect(webcam.get_by_text(error)).to_be_visible()
    expect(webcam.get_by_text("Next attempt in 2 seconds")).to_be_visible()
    expect(webcam.locator(".headline")).to_be_visible()
    webcam.unroute("**/v1/moods")
    webcam.get_by_role("button", name="Try now").click()
    expect(webcam.get_by_role("button", name="Try now")).to_have_count(0)
    expect(webcam.get_by_text(error)).to_have_count(0)
    wait_for_new_prediction(webcam)


def test_errors_that_do_not_pass_are_reported_once(webcam):
    webcam.route("**/v1/moods", lambda route: route.fulfill(status=401, json={"detail": "no"}))
    expect(webcam.get_by_role("alert")).to_have_text("no")
    assert requests_within(webcam, 300) == 0


def test_a_disconnected_webcam_is_started_again(webcam):
    lost = webcam.get_by_text("The webcam was disconnected")
    # The device is missing at the first attempt.
    webcam.evaluate(
        """() => {
            const { mediaDevices } = navigator;
            const original = mediaDevices.getUserMedia.bind(mediaDevices);
            mediaDevices.getUserMedia = () => {
                mediaDevices.getUserMedia = original;
                return Promise.reject(new DOMException("", "NotFoundError"));
            };
            const [track] = document.querySelector("video").srcObject.getVideoTracks();
            track.stop();
            track.dispatchEvent(new Event("ended"));
        }"""
    )
    expect(lost).to_be_visible()
    expect(webcam.locator(".headline")).to_be_visible()
    webcam.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    expect(lost).to_have_count(0)
    wait_for_new_prediction(webcam)


def test_a_webcam_without_new_frames_and_a_hidden_tab(webcam):
    webcam.locator("video").evaluate("video => video.pause()")
    frozen = webcam.get_by_text("The webcam sends no new frames")
    expect(frozen).to_be_visible()
    webcam.evaluate("""() => {
        Object.defineProperty(document, "hidden", { value: true, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    webcam.locator("video").evaluate("video => video.play()")
    assert requests_within(webcam, 300) == 0
    webcam.evaluate("delete document.hidden, document.dispatchEvent(new Event('visibilitychange'))")
    wait_for_new_prediction(webcam)
    expect(frozen).to_have_count(0)
