"""ASGI middleware that refuses unknown query parameters, so that no misspelt one is ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote_plus

from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from imagemood._suggestions import similar_name
from imagemood.serve.problems import Problem

_MAX_NAME_LENGTH = 100  # in messages
_CACHE_SIZE = 256  # queries, of which clients usually send few
_MAX_CACHED_LENGTH = 300
_MIN_SIMILARITY = 0.5  # of a name that is suggested; "tpo" and "top" have 0.67


@dataclass(frozen=True)
class Parameters:
    """The names of a route's query parameters, and of those that may be repeated."""

    names: frozenset[str] = frozenset()
    repeatable: frozenset[str] = frozenset()

    @classmethod
    def of_operation(cls, operation: Mapping[str, Any]) -> Parameters:
        """Return the parameters that an operation of an OpenAPI document declares."""
        found = {
            parameter["name"]: parameter["schema"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "query"
        }
        return cls(frozenset(found), frozenset(name for name, schema in found.items() if _is_list(schema)))

    def check(self, query: bytes) -> None:
        """Raise a problem with status 422 for a parameter that is unknown, or occurs too often.

        Examples
        --------
        >>> Parameters(frozenset({"top", "tags"})).check(b"tpo=3")
        Traceback (most recent call last):
            ...
        imagemood.serve.problems.Problem: query.tpo: unknown parameter; did you mean 'top'?
        """
        seen = set()
        for part in query.split(b"&"):
            if not part:
                continue
            name = part.partition(b"=")[0].decode("latin-1")
            if name not in self.names:
                name = unquote_plus(name)
                if name not in self.names:
                    raise Problem(422, f"query.{name[:_MAX_NAME_LENGTH]}: {self._describe_unknown(name)}")
            if name in seen and name not in self.repeatable:
                raise Problem(422, f"query.{name}: the parameter occurs more than once")
            seen.add(name)

    def _describe_unknown(self, name: str) -> str:
        if not self.names:
            return "unknown parameter; this route has none"
        names = sorted(self.names)
        similar = similar_name(name, names, min_similarity=_MIN_SIMILARITY)
        known = f"did you mean '{similar}'?" if similar else f"this route has {', '.join(names)}"
        return f"unknown parameter; {known}"


def _is_list(schema: Mapping[str, Any]) -> bool:
    return any(option.get("type") == "array" for option in (schema, *schema.get("anyOf", ())))


_FixedPaths = dict[tuple[str, str], Parameters]
_Patterns = list[tuple[re.Pattern[str], dict[str, Parameters]]]


class QueryCheck:
    """Refuses requests with unknown query parameters.

    Parameters
    ----------
    app : ASGI application
        The application.
    describe : callable
        Returns the OpenAPI document. Routes that it does not describe may have any parameters.
    """

    def __init__(self, app: ASGIApp, describe: Callable[[], Mapping[str, Any]]) -> None:
        self._app = app
        self._describe = describe
        self._find_cached_refusal = lru_cache(_CACHE_SIZE)(self._find_refusal)

    @cached_property
    def _routes(self) -> tuple[_FixedPaths, _Patterns]:
        fixed: _FixedPaths = {}
        patterns: _Patterns = []
        for path, operations in self._describe()["paths"].items():
            by_method = {name.upper(): Parameters.of_operation(entry) for name, entry in operations.items()}
            if "{" in path:
                patterns.append((compile_path(path)[0], by_method))
            else:
                fixed |= {(method, path): parameters for method, parameters in by_method.items()}
        return fixed, patterns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] == "http" and scope["query_string"]:
            method, path, query = scope["method"], scope["path"], scope["query_string"]
            is_long = len(path) + len(query) > _MAX_CACHED_LENGTH
            detail = (self._find_refusal if is_long else self._find_cached_refusal)(method, path, query)
            if detail is not None:
                await Problem(422, detail).response(path)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _find_refusal(self, method: str, path: str, query: bytes) -> str | None:
        """Return why a request is refused, or None."""
        parameters = self._find(method, path)
        try:
            if parameters is not None:
                parameters.check(query)
        except Problem as problem:
            return problem.detail
        return None

    def _find(self, method: str, path: str) -> Parameters | None:
        fixed, patterns = self._routes
        if (method, path) in fixed:
            return fixed[method, path]
        matching = (by_method for pattern, by_method in patterns if pattern.match(path))
        return next((by_method[method] for by_method in matching if method in by_method), None)
