from __future__ import annotations

import logging
import subprocess
import sys
import threading
import warnings

from imagemood.pictures.pixels.decoder_warnings import WarningsIgnored


def warn() -> None:
    warnings.warn_explicit("message", UserWarning, "Image.py", 1, module="PIL.Image")


def test_warnings_of_decoders_are_ignored_only_meanwhile():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with WarningsIgnored():
            warn()
            warnings.warn_explicit("mine", UserWarning, "mine.py", 1, module="mine")
        warn()
    assert [str(warning.message) for warning in caught] == ["mine", "message"]


def test_contexts_of_threads_may_overlap():
    before = list(warnings.filters)
    entered, left = threading.Event(), threading.Event()

    def run() -> None:
        with WarningsIgnored():
            entered.set()
            assert left.wait(60)

    thread = threading.Thread(target=run)
    with WarningsIgnored():
        thread.start()
        assert entered.wait(60)
    warn()  # is still ignored, although warnings are errors in tests
    left.set()
    thread.join()
    assert warnings.filters == before


def test_a_replaced_list_of_filters_is_left_alone():
    with warnings.catch_warnings():
        context = WarningsIgnored()
        context.__enter__()
    context.__exit__(None, None, None)
    with WarningsIgnored():
        warn()


def test_messages_that_pillow_logs_do_not_reach_standard_error():
    program = (
        "import logging, imagemood.pictures.pixels.decoding; "
        "logging.getLogger('PIL.TiffImagePlugin').error('message')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stderr == ""


def test_messages_reach_the_handlers_of_the_user(caplog):
    with caplog.at_level(logging.ERROR):
        logging.getLogger("PIL.TiffImagePlugin").error("message")
    assert caplog.messages == ["message"]
