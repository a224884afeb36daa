"""Streams of the record: every sealed entry as one JSON line, in order, to who watches security."""
