"""Where DATABASE_URL points."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from safemigrations.names import quote_name


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    user: str
    name: str
    password_given: bool
    ca: str
    """The file of the certificate authority, or empty where the server's certificate is not checked."""

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Address":
        """Of an entry of DATABASES."""
        options = entry.get("OPTIONS", {})
        ca = (
            options.get("ssl", {}).get("ca", "")
            if options.get("ssl_mode") == "VERIFY_IDENTITY"
            else ""
        )
        port = int(entry["PORT"] or 3306)
        return cls(entry["HOST"], port, entry["USER"], entry["NAME"], bool(entry["PASSWORD"]), ca)

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def is_socket(self) -> bool:
        """Clients of MySQL take this name for a socket file, whatever the port."""
        return self.host == "localhost"

    @property
    def is_loopback(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.is_socket

    @property
    def is_neighbour(self) -> bool:
        """A bare name: a container beside this one, or this machine's own."""
        return "." not in self.host and ":" not in self.host

    @property
    def quoted_name(self) -> str:
        return quote_name(self.name)
