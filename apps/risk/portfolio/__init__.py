"""How all models stand that one reader may see, in numbers that each open their rows."""
