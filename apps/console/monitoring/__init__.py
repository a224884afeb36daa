"""Monitoring as its pages show it, and the forms that manage it."""
