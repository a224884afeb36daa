"""The door for MLflow clients, 3.x and 2.22: their calls, names and errors, our operations."""
