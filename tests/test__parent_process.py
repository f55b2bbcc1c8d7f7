from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from imagemood._parent_process import end_with_parent

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""
CHILD = """
import os, sys, threading
{preparation}
from imagemood._parent_process import end_with_parent
end_with_parent(int(sys.argv[1]))
print("ready", flush=True)
threading.Event().wait(600)
"""


@pytest.mark.parametrize("preparation", ["", "del os.pidfd_open"], ids=["pidfd", "polling"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_a_process_ends_with_its_parent(preparation, number):
    command = [sys.executable, "-c", PARENT, CHILD.format(preparation=preparation)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.send_signal(number)
        parent.wait(20)
    assert not psutil.wait_procs([child], timeout=20)[1]


def test_a_process_whose_parent_has_ended_before_ends():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    code = CHILD.format(preparation="")
    child = subprocess.run([sys.executable, "-c", code, str(process.pid)], timeout=60, check=False)
    assert child.returncode == 1


def test_a_process_whose_parent_runs_continues():
    end_with_parent(os.getppid())
