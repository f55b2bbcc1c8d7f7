"""Evaluates functions of the web page's modules in Node.js, without a browser."""

from __future__ import annotations

import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

WEB = Path(__file__).parents[2] / "web"
_SCRIPT = """
import { runnerImport } from "vite";
const { module } = await runnerImport(process.argv[1], { logLevel: "error" });
const evaluate = new Function("module", "input", `with (module) { return (${process.argv[2]}); }`);
console.log(JSON.stringify(JSON.parse(process.argv[3]).map((input) => evaluate(module, input))));
"""


def evaluate(module: str, expression: str, inputs: list[Any]) -> list[Any]:
    """Return the values of an expression, which uses the module's functions, for each value of `input`."""
    npm, environment = runpy.run_path(str(WEB / "build_page.py"))["npm_command"]()
    node = npm[0] if len(npm) > 1 else "node"
    command = [node, "--input-type=module", "--eval", _SCRIPT, f"./src/{module}", expression, json.dumps(inputs)]
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
