"""Checks the record where it lies, in the database, with the code of the verifier.

It shares nothing with what seals but the rows. ``whole`` goes through all of it once.
"""
