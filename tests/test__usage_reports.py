"""The environment variables against usage reports; tests/test_privacy.py shows that they have an effect."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import imagemood
from imagemood._usage_reports import VARIABLES

RUNNER = Path(imagemood.__file__).parent / "acumos" / "runner.py"


def test_the_import_sets_the_variables_whatever_they_were():
    code = "import imagemood, json, os; print(json.dumps(dict(os.environ)))"
    environment = {**os.environ, **dict.fromkeys(VARIABLES, "unknown")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert VARIABLES.items() <= json.loads(done.stdout).items()


def test_the_runner_module_sets_its_variable_before_it_imports_onnxruntime():
    statements = [ast.unparse(node) for node in ast.parse(RUNNER.read_text("utf-8")).body]
    setting = statements.index("os.environ['ORT_DISABLE_TELEMETRY'] = '1'")
    assert setting < statements.index("import onnxruntime as ort")
    assert VARIABLES["ORT_DISABLE_TELEMETRY"] == "1"
