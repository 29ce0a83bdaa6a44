"""Claims: who is at something right now."""
