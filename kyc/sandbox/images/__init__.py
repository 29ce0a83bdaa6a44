"""The document images of applicants: attached or drawn, listed, handed out."""
