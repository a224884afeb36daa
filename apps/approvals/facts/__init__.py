"""What policies read: one reader per app, each a bounded number of queries for many versions."""
