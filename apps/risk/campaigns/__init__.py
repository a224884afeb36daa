"""The long work of campaigns: a worker asks owners in batches, and keeps how models stood."""
