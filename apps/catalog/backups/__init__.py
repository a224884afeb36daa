"""Takes database and store together into a folder, and brings them back whole, or says what is not.

The database comes first and the files after it: the store is only ever added to, so every file that
the dump names is there when it is copied. No key of the installation is in a backup. Secrets of
people and webhooks are, kept as the database keeps them.
"""
