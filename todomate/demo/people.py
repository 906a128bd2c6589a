"""Who can sign in to the demo. The start page shows them; this module imports nothing, so that it can."""

from dataclasses import dataclass

PASSWORD = "todo-with-friends"  # noqa: S105  # everyone's in the demo, which runs on this computer only


@dataclass(frozen=True)
class SignIn:
    email: str
    nickname: str
    handle: str


MINA = SignIn("mina@demo.todomate", "미나", "mina")
JUNE = SignIn("june@demo.todomate", "준", "june")
NOAH = SignIn("noah@demo.todomate", "Noah", "noah")
PEOPLE = (MINA, JUNE, NOAH)
# Signs in to the admin; a stranger in the API.
ADMIN = SignIn("admin@demo.todomate", "관리자", "todomate.admin")
