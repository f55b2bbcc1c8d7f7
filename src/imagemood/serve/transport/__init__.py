"""The connections of clients: TLS, HTTP parsing, and limits."""
