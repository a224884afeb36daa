"""What a policy would change if it were in force, worked out over everything there is."""
