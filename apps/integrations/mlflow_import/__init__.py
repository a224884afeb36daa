"""Brings models, runs and files over from MLflow servers: one version, or a whole registry."""
