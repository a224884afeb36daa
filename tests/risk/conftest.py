"""What tests of judgment share."""

from tests.console.conftest import opens

__all__ = ["opens"]
