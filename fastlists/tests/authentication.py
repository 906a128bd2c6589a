"""Authentication by the key of a reader in a header."""

from typing import Any

from rest_framework.authentication import BaseAuthentication

from fastlists.tests.models import Reader


class ReaderAuthentication(BaseAuthentication):
    """The reader whose key is in a header: one query."""

    def authenticate(self, request: Any) -> tuple[Reader, None] | None:
        key = request.headers.get("X-Reader")
        return (Reader.objects.get(pk=key), None) if key else None
