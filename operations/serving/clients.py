"""The client of a request, before a thread works for it: whose turn it counts as."""

from accounts.credentials.authentication import verify


def client_of(authorization: bytes, address: str) -> str:
    """Return the id of the person whose valid token this header has, or else the address.

    The header itself would give one person as many turns as a token has spellings, and anybody as
    many as they can invent.
    """
    scheme, _space, raw = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        try:
            token, _session, _expires_at = verify(raw.strip())
        except Exception:  # the view refuses it; nothing may stop the event loop
            return address
        return str(token["sub"])
    return address
