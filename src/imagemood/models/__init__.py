"""The models: how they are loaded, saved and run."""
