"""The addresses of judgment, one module per subject."""
