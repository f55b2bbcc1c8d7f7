from __future__ import annotations

import pkgutil
import sys

import pytest
from fastapi.routing import APIRoute
from openapi_spec_validator import validate

from imagemood.serve import routes
from imagemood.serve.app import create_app, create_routers, public_routes
from imagemood.serve.settings import Settings

NEW_GROUP = """
from fastapi import APIRouter
from imagemood.serve.routes import PUBLIC

def create_router(service):
    router = APIRouter(prefix="/new")

    @router.get("/open", openapi_extra=PUBLIC)
    def read_open(): ...

    @router.post("/open")
    def write_closed(): ...

    @router.get("/closed")
    def read_closed(): ...

    return router
"""


def test_each_module_of_the_package_is_a_group_of_routes(local_service):
    modules = [module.name for module in pkgutil.iter_modules(routes.__path__)]
    assert {"acumos", "api_description", "open_inference", "operations", "page", "samples", "v1"} < set(modules)
    assert len(create_routers(local_service)) == len(modules)


def test_a_new_module_adds_its_routes_and_declares_which_are_public(local_service, tmp_path, monkeypatch):
    (tmp_path / "new_group.py").write_text(NEW_GROUP)
    monkeypatch.setattr(routes, "__path__", [str(tmp_path)])
    (router,) = create_routers(local_service)
    sys.modules.pop("imagemood.serve.routes.new_group")
    assert [route.path for route in router.routes] == ["/new/open", "/new/open", "/new/closed"]
    assert public_routes([router]) == {("GET", "/new/open")}


def test_only_health_and_the_page_are_public(local_service):
    routers = create_routers(local_service)
    in_schema = {
        route.path
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }
    public = {path for _, path in public_routes(routers)}
    assert public & in_schema == {"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"}
    assert "/" in public - in_schema
    assert not any("{" in path for path in public)  # they are compared with the paths of requests


@pytest.mark.parametrize("token", [None, "a-token-of-many-letters"])
def test_the_openapi_document_is_valid_and_declares_the_token(token):
    document = create_app(Settings(token=token)).openapi()
    validate(document)
    assert ("security" in document) == (token is not None)
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert "security" not in document["paths"]["/v1/moods"]["post"]
