"""Pages of decisions: find, ask, act, answer. The rules are in the operations."""
