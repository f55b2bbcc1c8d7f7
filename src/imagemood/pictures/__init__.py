"""Pictures: finding, reading and decoding them."""
