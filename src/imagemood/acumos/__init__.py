"""The Acumos door: bundles that the official runner serves, and their way to an onboarding server."""
