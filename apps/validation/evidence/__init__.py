"""Evidence items: their types, and what counts at a moment."""
