"""The admin of accounts: Django imports this package to register its pages."""

from accounts.admin import people

__all__ = ["people"]
