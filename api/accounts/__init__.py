"""The routes about accounts: here, and linked elsewhere."""
