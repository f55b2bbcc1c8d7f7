"""Opens picture files, one module for each format; metadata that Pillow cannot read never prevent decoding."""
