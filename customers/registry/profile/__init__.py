"""The profile of an individual: asked, changed, shown, and how complete the file is."""
