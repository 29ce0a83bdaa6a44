"""The API about documents."""
