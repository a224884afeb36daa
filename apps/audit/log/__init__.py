"""The Merkle log in bytes and texts: tree, tiles, notes, keys and proofs. No rows, no settings."""
