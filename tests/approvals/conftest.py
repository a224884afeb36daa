"""Readers of the pages of decisions."""

from tests.console.conftest import opens

__all__ = ["opens"]
