from __future__ import annotations

import pytest


@pytest.mark.parametrize("path", ["/v1/labels", "/openapi.json"])
def test_unchanged_content_is_compressed_and_not_sent_again(service, path):
    plain = service.get(path, headers={"Accept-Encoding": "identity"})
    packed = service.get(path, headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding, Origin"
    etags = {plain.headers["ETag"], packed.headers["ETag"]}
    assert len(etags) == 2
    for etag in etags:
        for value in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            response = service.get(path, headers={"If-None-Match": value})
            assert (response.status_code, response.content) == (304, b"")
            assert response.headers["ETag"] in etags
            assert response.headers["Cache-Control"] == plain.headers["Cache-Control"]
    assert service.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
