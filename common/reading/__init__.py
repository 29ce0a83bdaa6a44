"""What people type, read into the one form we keep, or refused in words."""
