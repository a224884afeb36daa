"""Monitoring: what a band is, and how points become breaches."""
