# The web service in a container. Building it needs BuildKit, which is part of Docker, or Podman:
#
#   docker build --tag imagemood .
#   docker run --rm --init --read-only --tmpfs /tmp --cap-drop ALL --publish 127.0.0.1:8887:8887 imagemood
#
# Other commands run in the same way: docker run --rm --volume "$PWD:/data:ro" imagemood classify holiday/

# A tag of a minor version: each build gets the security fixes of Python and Debian.
FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY proto proto
COPY web web
COPY src src
# The build of the wheel includes that of the web page, with Node.js from PyPI.
RUN --mount=type=cache,target=/root/.cache \
    python -m pip wheel --no-deps --wheel-dir /wheels .
RUN --mount=type=cache,target=/root/.cache \
    python -m venv --without-pip /opt/imagemood && \
    python -m pip --python /opt/imagemood/bin/python install "$(echo /wheels/*.whl)[serve,heif]"

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="image-mood-classifier" \
      org.opencontainers.image.description="Predicts the mood that a picture evokes" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/imagemood /opt/imagemood
ENV PATH=/opt/imagemood/bin:$PATH PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
# A number, so that Kubernetes can check that it is not root.
USER 65532:65532
EXPOSE 8887
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8887, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["imagemood"]
CMD ["serve", "--host", "0.0.0.0"]
