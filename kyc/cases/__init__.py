"""What waits for a person at the KYC desk: oldest first, and who is at what."""
