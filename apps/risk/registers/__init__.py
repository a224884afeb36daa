"""The registers regulators ask for: read from a file, filled from the inventory."""
