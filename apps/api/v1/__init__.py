"""The first version of Signet's own REST API."""
