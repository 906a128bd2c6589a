"""The models of accounts, by subject: people, their profiles, their relations, their sessions."""

from accounts.models.former import FormerAccount
from accounts.models.invitations import Invitation
from accounts.models.networks import KnownNetwork
from accounts.models.people import FOUND_AT_MOST, User, UserManager, UserQuerySet, find_by_name
from accounts.models.profiles import Profile, Weekday
from accounts.models.relations import Block, Follow, exists_for, has_blocked
from accounts.models.second_factors import RecoveryCode, SecondFactor
from accounts.models.sessions import Attempt, Device, Session

__all__ = [
    "FOUND_AT_MOST",
    "Attempt",
    "Block",
    "Device",
    "Follow",
    "FormerAccount",
    "Invitation",
    "KnownNetwork",
    "Profile",
    "RecoveryCode",
    "SecondFactor",
    "Session",
    "User",
    "UserManager",
    "UserQuerySet",
    "Weekday",
    "exists_for",
    "find_by_name",
    "has_blocked",
]
