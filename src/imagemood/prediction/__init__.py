"""Prediction: from pictures to tags and an embedding, and from these to the probabilities of moods."""
