"""Measurements against real servers: `python -m bench NAME`, or `make bench NAME=…`."""
