from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from imagemood.errors import InputError, MoodError
from imagemood.keywords.exiftool import ExifTool

pytestmark = pytest.mark.skipif(shutil.which("exiftool") is None, reason="ExifTool is not installed")


def test_a_missing_program_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MoodError, match=r"^the program exiftool is not installed \(install ExifTool, .*perl\)$"):
        ExifTool()


@pytest.mark.parametrize(
    "value", ["a & b <c> \"d\" 'e'", "two\nlines\r", " spaces ", "&amp;", "größe 👩🏽", "=x", "<a.txt", "#1"]
)
def test_values_are_written_as_they_are(tmp_path, value):
    path = tmp_path / "new.xmp"
    with ExifTool() as program:
        program.write(path, [f"XMP-dc:Subject+={value}", "XMP-dc:Subject+=12"])
        assert program.read(path, ["XMP-dc:Subject"])["XMP-dc:Subject"] == [value, "12"]


def test_it_is_started_again_after_it_has_ended(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    with ExifTool() as program:
        assert program.read(tmp_path / "a.txt", ["File:FileType"])["File:FileType"] == "TXT"
        process = program._process
        process.kill()
        process.wait()
        with pytest.raises(InputError, match="ExifTool ended or took too long"):
            program.read(tmp_path / "a.txt", ["File:FileType"])
        assert program.read(tmp_path / "a.txt", ["File:FileType"])["File:FileType"] == "TXT"
    assert program._process.poll() == 0


def test_missing_files_are_errors(tmp_path):
    with ExifTool() as program, pytest.raises(InputError, match=r"absent.jpg: ExifTool .*: File not found$"):
        program.read(tmp_path / "absent.jpg", ["File:FileType"])


def test_the_alarm_after_each_second_does_not_crash_it(tmp_path):
    def alarm(pid):
        for _ in range(50):  # Perl ends with an error if it has received 120 signals before it handles one
            os.kill(pid, signal.SIGALRM)
            time.sleep(0)  # lets the other thread run

    with ExifTool() as program:
        program.write(tmp_path / "new.xmp", ["XMP-dc:Subject+=0"])  # it handles the signal from now on
        for number in range(1, 20):
            thread = threading.Thread(target=alarm, args=[program._process.pid])
            thread.start()
            try:
                program.write(tmp_path / "new.xmp", [f"XMP-dc:Subject+={number}"])
            finally:
                thread.join()
        assert program.read(tmp_path / "new.xmp", ["XMP-dc:Subject"])["XMP-dc:Subject"] == [*map(str, range(20))]


ORPHAN = """
import sys, time
from pathlib import Path
from imagemood.keywords.exiftool import ExifTool
with ExifTool() as program:
    for number in range(40):
        program.write(Path(sys.argv[1], "new.xmp"), [f"XMP-dc:Subject+={number}"])
        time.sleep(0.05)  # over a second, in which it continues although it checks its parent process
    print(program._process.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_this_process(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ORPHAN, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        process = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert not psutil.wait_procs([process], timeout=20)[1]
