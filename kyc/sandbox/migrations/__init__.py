"""The tables of the stand-in."""
