"""The demo's accounts.

This module imports no models, so that the start page can read it.
"""

from dataclasses import dataclass

PASSWORD = "todo-with-friends"  # noqa: S105  # of all demo accounts, on a local server only


@dataclass(frozen=True)
class SignIn:
    email: str
    nickname: str
    handle: str


MINA = SignIn("mina@demo.todomate", "미나", "mina")
JUNE = SignIn("june@demo.todomate", "준", "june")
NOAH = SignIn("noah@demo.todomate", "Noah", "noah")
PEOPLE = (MINA, JUNE, NOAH)
# For the admin. It has no follows in the API.
ADMIN = SignIn("admin@demo.todomate", "관리자", "todomate.admin")
