"""The admin pages of accounts. Django imports this package to register them."""

from accounts.admin import invitations, people

__all__ = ["invitations", "people"]
