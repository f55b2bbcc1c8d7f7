"""The examples that the OpenAPI document gives: a program that tries them gets an answer."""

PNG_BASE64 = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAE0lEQVR42mP838CAFTAxMAwlCQAwUAGPIYcBRwAAAABJRU5ErkJggg=="
)
"""A PNG file of 8×8 orange pixels."""
