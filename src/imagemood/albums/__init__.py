"""Albums: the pictures of a collection that are similar, groups of them, and summaries."""
