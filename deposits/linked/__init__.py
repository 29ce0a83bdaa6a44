"""Bank accounts and wallets that customers hold elsewhere."""
