"""ASGI middleware of all routes: checks of requests, content negotiation and compression."""
