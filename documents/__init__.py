"""Documents of customers: received, kept, scanned, reviewed, handed out."""
