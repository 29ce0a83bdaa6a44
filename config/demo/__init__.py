"""The demo bank: made by the real commands, the real worker and the sandbox."""
