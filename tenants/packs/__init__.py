"""Sector packs: versioned configuration, one validated TOML file per sector."""
