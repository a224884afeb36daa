"""Checks the record with code of its own: nothing here is shared with what seals it.

Its modules use the standard library of Python 3.9 alone, and are also given away as one file
(``standalone``), so that an auditor checks an export without Signet.
"""
