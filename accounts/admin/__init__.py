"""The admin pages of accounts. Django imports this package to register them."""

from accounts.admin import people

__all__ = ["people"]
