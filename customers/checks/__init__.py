"""Outside checks of a customer: what a credit bureau knows, who lives at an address."""
