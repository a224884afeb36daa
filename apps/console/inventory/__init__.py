"""What the pages of the inventory show and ask for."""
