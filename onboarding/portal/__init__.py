"""The small portal of the embedded logins: what a customer sees and may do."""
