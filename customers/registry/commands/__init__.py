"""Commands on customers that stand beside those of services.py."""
