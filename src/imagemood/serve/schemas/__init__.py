"""Requests and responses of the service: their schemas, and how they are read and written."""
