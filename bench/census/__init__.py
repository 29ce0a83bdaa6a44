"""A census: as many customers as a large bank has, made up and loaded by COPY."""
