"""The client of a request, before a thread works for it: whose turn it counts as."""

from collections.abc import Callable

from accounts.credentials.authentication import verify
from accounts.credentials.rates import address_behind_proxies


def address_of(connection: object, forwarded: bytes) -> str:
    """Return the address of a client: of its connection, or what a trusted proxy has forwarded.

    `connection` is the address of the socket, which is no tuple on a unix socket.
    """
    remote = str(connection[0]) if isinstance(connection, tuple) else ""
    return address_behind_proxies(remote, forwarded.decode("latin-1"))


def client_of(authorization: bytes, address: Callable[[], str]) -> str:
    """Return the id of the person whose valid token this header has, or else the address.

    The header itself would give one person as many turns as a token has spellings, and anybody as
    many as they can invent.
    """
    scheme, _space, raw = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        try:
            token, _session, _expires_at = verify(raw.strip())
        except Exception:  # the view refuses it; nothing may stop the event loop
            return address()
        return str(token["sub"])
    return address()
