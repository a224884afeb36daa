"""Pages of what was true at a past moment, and of what is different at two; nothing is done here.

They show history, never the live pages over old rows, so no live page can be mistaken for one.
"""
