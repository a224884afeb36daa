"""What may run where, and whether what is seen is that."""
