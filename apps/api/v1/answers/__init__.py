"""What the API says, thing by thing."""
