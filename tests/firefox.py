"""Controls the installed Firefox for tests that check pages.

Firefox has its own remote protocol, Marionette, whose commands are those of WebDriver: each message is a list in
JSON that is preceded by its length. Playwright controls only its own build of Firefox or the newest releases, and
Selenium needs geckodriver, which is not part of Debian.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PROGRAM = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
PREFERENCES = {
    "marionette.port": 0,  # any that is free, which Firefox writes into the profile
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.update.disabledForTesting": True,
}
START_TIMEOUT_S = 60
TIMEOUT_S = 20


class Firefox:
    """A window of Firefox."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._receive()  # the greeting
        self.command("WebDriver:NewSession", strictFileInteractability=False)
        self.command("WebDriver:SetTimeouts", script=1000 * (TIMEOUT_S + 10))

    def command(self, name: str, **parameters: Any) -> Any:
        """Send a command of WebDriver, and return its result."""
        message = json.dumps([0, next(self._numbers), name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        assert error is None, error
        return result.get("value", result) if isinstance(result, dict) else result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            character = self._stream.read(1)
            assert character, "Firefox has closed the connection"
            length += character
        return json.loads(self._stream.read(int(length[:-1])))

    def open(self, address: str) -> None:
        """Open an address as in a new tab."""
        self.command(
            "WebDriver:Navigate", url="about:blank"
        )  # so that addresses that differ in the hash are loaded
        self.command("WebDriver:Navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        return self.command("WebDriver:ExecuteScript", script=f"return ({expression})", args=[])

    def wait_for(self, expression: str) -> Any:
        """Wait until an expression in the page is true, and return its value."""
        script = f"""
            const done = arguments[0], end = Date.now() + {1000 * TIMEOUT_S};
            (function check() {{
                const value = ({expression});
                if (value || Date.now() > end) done(value);
                else setTimeout(check, 50);
            }})();"""
        value = self.command("WebDriver:ExecuteAsyncScript", script=script, args=[])
        assert value, f"{expression} is not true after {TIMEOUT_S} s: {self.evaluate('document.body.innerText')}"
        return value

    def find(self, selector: str) -> str:
        """Return the identifier of the first element that matches, once there is one."""
        self.wait_for(f"document.querySelector({json.dumps(selector)}) !== null")
        element = self.command("WebDriver:FindElement", using="css selector", value=selector)
        return str(next(iter(element.values())))

    def click(self, selector: str) -> None:
        """Click the first element that matches."""
        self.command("WebDriver:ElementClick", id=self.find(selector))

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file in the first file input that matches."""
        self.command("WebDriver:ElementSendKeys", id=self.find(selector), text=str(path))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self._socket.close()


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Start the installed Firefox with an empty folder as its profile."""
    if PROGRAM is None:
        # Continuous integration must run these tests; a contributor's machine may lack the browser.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("Firefox is not installed")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines), "utf-8")
    command = [PROGRAM, "--headless", "--marionette", "--no-remote", "--profile", str(profile), "about:blank"]
    with (profile / "log.txt").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            window = Firefox(_port(profile, process))
            yield window
            window.close()
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Wait until Firefox accepts connections, and return its port."""
    file, end = profile / "MarionetteActivePort", time.monotonic() + START_TIMEOUT_S
    while not (file.is_file() and file.read_text().strip()):
        assert process.poll() is None, (profile / "log.txt").read_text("utf-8", "replace")
        assert time.monotonic() < end, "Firefox does not start"
        time.sleep(0.05)
    return int(file.read_text())
