"""Registering by page: what people type, what they drop, and how both become facts."""
