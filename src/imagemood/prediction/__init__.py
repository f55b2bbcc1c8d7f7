"""The one path from pictures to tags and an embedding, and from these to moods."""
