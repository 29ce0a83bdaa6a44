"""The dictionaries of an institution: first entries, changes, import and export."""
