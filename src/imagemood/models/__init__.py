"""Loading, saving and running models: taggers and mood classifiers."""
