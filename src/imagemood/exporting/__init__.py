"""Exports image networks of timm, OpenCLIP and Hugging Face as taggers."""
