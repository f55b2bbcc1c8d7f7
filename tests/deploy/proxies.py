"""Runs nginx and Caddy on loopback, with the configurations in deploy/."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.certificates import server_context
from tests.serve.serving import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
_NGINX = """daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
events {{}}
http {{
  types {{}}
  access_log off;
  client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/responses; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/site.conf;
}}
"""


def program(name: str) -> str:
    """Return the path of a program. Without it, the test fails in continuous integration, or else is skipped."""
    found = shutil.which(name, path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    if found is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"{name} is not installed")
    return found


def nginx_command(folder: Path, name: str, service: int, port: int) -> list[str]:
    """Return the command that runs nginx with TLS on a port, and write its configuration to a folder."""
    nginx = program("nginx")
    server_context(folder)
    site = (DEPLOY / "nginx" / name).read_text("utf-8")
    site = site.replace("127.0.0.1:8887", f"127.0.0.1:{service}").replace("    listen [::]:443 ssl;\n", "")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    site, n_replaced = re.subn(r"(ssl_certificate\w*) \S+;", rf"\1 {folder}/server.pem;", site)
    assert n_replaced == 2
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder))
    return [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


@contextmanager
def nginx(folder: Path, name: str, service: int) -> Iterator[tuple[str, Path]]:
    """Run nginx in front of a service; yield its address and the certificate of its authority."""
    port = free_port()
    with _running(nginx_command(folder, name, service, port), port, folder):
        yield f"https://localhost:{port}", folder / "authority.pem"


@contextmanager
def caddy(folder: Path, name: str, service: int) -> Iterator[tuple[str, Path]]:
    """Run Caddy in front of a service; yield its address and the certificate of its authority."""
    port = free_port()
    # Outside a container, Caddy would use ports 80 and 2019, and add its authority to those of the machine.
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
        f"import {DEPLOY / 'caddy' / name}\n"
    )
    environment = {"SITE": f"https://localhost:{port}", "SERVICE": f"127.0.0.1:{service}"}
    environment |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _running(command, port, folder, environment):
        yield f"https://localhost:{port}", folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def _accepts_connections(port: int) -> bool:
    """Return whether a TLS connection succeeds; Caddy creates its certificate after it has started to listen."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
            context.wrap_socket(connection, server_hostname="localhost"),
        ):
            return True
    except OSError:
        return False


@contextmanager
def _running(
    command: list[str], port: int, folder: Path, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the end of the block, from when it has a certificate and accepts connections."""
    log = folder / "proxy.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=environment) as process,
    ):
        try:
            for _ in range(400):
                assert process.poll() is None, log.read_text()
                if _accepts_connections(port):
                    break
                time.sleep(0.05)
            else:
                raise AssertionError(log.read_text())
            yield
        finally:
            process.terminate()
