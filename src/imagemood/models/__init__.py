"""The models: what is loaded from disk and run."""
