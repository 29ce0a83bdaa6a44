"""The routes about customers and the dictionaries."""
