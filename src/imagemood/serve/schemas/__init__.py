"""Request and response bodies of the service: their schemas, and how they are parsed and serialized."""
