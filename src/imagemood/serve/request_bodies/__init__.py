"""Reads the bodies of requests, and files at URLs, within limits."""
