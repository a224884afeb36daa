"""Seals what happened: events become leaves of the log, and its root is signed and kept elsewhere.

Any number of sealers may run: they take turns by the lock of the log's one row.
"""
