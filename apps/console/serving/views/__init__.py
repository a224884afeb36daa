"""Doors of environments and deployments: find, ask, act, answer."""
