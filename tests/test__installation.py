from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagemood import _installation
from imagemood._installation import install_command
from imagemood.errors import MissingExtraError

PYTHON = "/env/bin/python"


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """A function that describes an installation: its installer, and the record of its origin."""
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(sys, "executable", PYTHON)
    monkeypatch.setattr(_installation.shutil, "which", lambda _: None)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)

    def install(installer="pip", record=None):
        texts = {"INSTALLER": f"{installer}\n", "direct_url.json": record and json.dumps(record)}
        monkeypatch.setattr(_installation, "_distribution", lambda: SimpleNamespace(read_text=texts.get))
        return prefix

    return install


def test_pip(installed):
    installed()
    assert install_command("web") == f"{PYTHON} -m pip install 'image-mood-classifier[web]'"


def test_pip_of_the_active_environment(installed, monkeypatch):
    installed()
    monkeypatch.setattr(_installation.shutil, "which", lambda _: "/env/bin/pip")
    assert install_command("web") == "pip install 'image-mood-classifier[web]'"
    monkeypatch.setattr(_installation.shutil, "which", lambda _: "/usr/bin/pip")
    assert install_command("web").startswith(f"{PYTHON} -m pip install ")


def test_a_python_in_a_folder_with_spaces(installed, monkeypatch):
    installed()
    monkeypatch.setattr(sys, "executable", "/my env/bin/python")
    assert install_command("web") == "'/my env/bin/python' -m pip install 'image-mood-classifier[web]'"


def test_an_editable_installation(installed, monkeypatch, tmp_path):
    clone = tmp_path / "clone"
    clone.mkdir()
    installed(record={"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert install_command("web") == f"{PYTHON} -m pip install --editable '{clone}[web]'"
    monkeypatch.chdir(clone)
    assert install_command("web") == f"{PYTHON} -m pip install --editable '.[web]'"


def test_a_folder(installed, tmp_path):
    clone = tmp_path / "my clone"
    clone.mkdir()
    installed(record={"url": clone.as_uri(), "dir_info": {}})
    assert install_command("web") == f"{PYTHON} -m pip install '{clone}[web]'"


def test_a_wheel_that_still_exists(installed, tmp_path):
    wheel = tmp_path / "a.whl"
    installed(record={"url": wheel.as_uri(), "archive_info": {}})
    assert install_command("web") == f"{PYTHON} -m pip install 'image-mood-classifier[web]'"
    wheel.touch()
    assert install_command("web") == f"{PYTHON} -m pip install 'image-mood-classifier[web] @ {wheel.as_uri()}'"


def test_a_repository(installed):
    record = {"url": "https://example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    installed(record=record)
    expected = "'image-mood-classifier[web] @ git+https://example.org/a.git@abc'"
    assert install_command("web") == f"{PYTHON} -m pip install {expected}"


def test_uv(installed, monkeypatch):
    prefix = installed("uv")
    assert install_command("web") == f"uv pip install --python {PYTHON} 'image-mood-classifier[web]'"
    monkeypatch.setenv("VIRTUAL_ENV", str(prefix))
    assert install_command("web") == "uv pip install 'image-mood-classifier[web]'"


def test_a_project_of_uv(installed):
    prefix = installed("uv")
    (prefix.parent / "uv.lock").touch()
    assert install_command("web") == "uv add 'image-mood-classifier[web]'"


def test_a_tool_of_uv_keeps_its_extras(installed):
    prefix = installed("uv")
    requirements = '[{ name = "image-mood-classifier", extras = ["train"] }, { name = "rich" }]'
    (prefix / "uv-receipt.toml").write_text(f"[tool]\nrequirements = {requirements}\n")
    assert install_command("web") == "uv tool install 'image-mood-classifier[train,web]'"
    (prefix / "uv-receipt.toml").write_text("damaged")
    assert install_command("web") == "uv tool install 'image-mood-classifier[web]'"


def test_a_temporary_tool_of_uv(installed, monkeypatch):
    installed("uv")
    monkeypatch.setattr(sys, "prefix", "/home/me/.cache/uv/archive-v0/x1")
    assert install_command("web") == "uvx --from 'image-mood-classifier[web]' imagemood"


@pytest.mark.parametrize(
    ("package", "extras"),
    [("image-mood-classifier", "web"), ("/a.whl[train, heif]", "heif,train,web"), (None, "web")],
)
def test_pipx_keeps_its_extras(installed, monkeypatch, tmp_path, package, extras):
    prefix = tmp_path / "venvs" / "image-mood-classifier"
    prefix.mkdir(parents=True)
    installed()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    main = {} if package is None else {"package_or_url": package}
    (prefix / "pipx_metadata.json").write_text(json.dumps({"main_package": main}))
    assert install_command("web") == f"pipx install --force 'image-mood-classifier[{extras}]'"


def test_pipx_run(installed):
    prefix = installed()
    (prefix / "pipx_metadata.json").write_text("{}")
    assert install_command("web") == "pipx run --spec 'image-mood-classifier[web]' imagemood"


def test_conda(installed, monkeypatch):
    prefix = installed()
    (prefix / "conda-meta").mkdir()
    assert install_command("web") == f"conda run --prefix {prefix} pip install 'image-mood-classifier[web]'"
    monkeypatch.setenv("CONDA_PREFIX", str(prefix))
    monkeypatch.setattr(_installation.shutil, "which", lambda _: "/env/bin/pip")
    assert install_command("web") == "pip install 'image-mood-classifier[web]'"


def test_modules_of_a_clone_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(_installation, "_distribution", lambda: None)
    clone = Path(_installation.__file__).parents[2]
    monkeypatch.chdir(clone.parent)
    assert install_command("web").endswith(f" --editable '{clone}[web]'")
    monkeypatch.setattr(_installation, "__file__", "/lib/imagemood/_installation.py")
    assert install_command("web").endswith(" 'image-mood-classifier[web]'")


def test_windows_needs_double_quotes(installed, monkeypatch):
    installed()
    monkeypatch.setattr(_installation, "os", SimpleNamespace(name="nt", environ=os.environ))
    assert install_command("web") == f'"{PYTHON}" -m pip install "image-mood-classifier[web]"'


def test_the_error_shows_the_command():
    error = MissingExtraError("httpx", extra="web")
    assert str(error) == f"httpx is not installed ({install_command('web')})"
