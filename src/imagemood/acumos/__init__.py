"""Acumos bundles: written for the official runner, and pushed to an onboarding server."""
