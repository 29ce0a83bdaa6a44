"""A local stand-in for Sumsub: the other side of the wire."""
