"""The address and account of the database in DATABASE_URL."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Self

from safemigrations.names import quote_name


@dataclass(frozen=True)
class Address:
    """The parts of DATABASE_URL for MySQL, MariaDB or PostgreSQL.

    `ca` is the path of the certificate authority, or empty if the server's certificate is not
    verified. `host` may be the folder of a socket, for PostgreSQL only.
    """

    host: str
    port: int
    user: str
    name: str
    password_given: bool
    ca: str
    has_socket: bool

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> Self:
        """Return the address in an entry of DATABASES."""
        options = entry.get("OPTIONS", {})
        is_postgres = entry["ENGINE"] == "core.postgres"
        if is_postgres:
            ca = options.get("sslrootcert", "")
        else:
            verifies = options.get("ssl_mode") == "VERIFY_IDENTITY"
            ca = options.get("ssl", {}).get("ca", "") if verifies else ""
        return cls(
            host=entry["HOST"],
            port=int(entry["PORT"] or (5432 if is_postgres else 3306)),
            user=entry["USER"],
            name=entry["NAME"],
            password_given=bool(entry["PASSWORD"]),
            ca=ca,
            has_socket=entry["HOST"].startswith("/")
            or (entry["HOST"] == "localhost" and not is_postgres),
        )

    @property
    def host_and_port(self) -> str:
        """The host and port, for messages."""
        return f"{self.host}:{self.port}"

    @property
    def is_socket(self) -> bool:
        """True if clients use a socket file; MySQL's do for `localhost`, whatever the port is."""
        return self.has_socket

    @property
    def is_loopback(self) -> bool:
        """True if the server is on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.is_socket or self.host == "localhost"

    @property
    def is_neighbour(self) -> bool:
        """True for a bare name: another container in this network, or this machine itself."""
        return "." not in self.host and ":" not in self.host

    @property
    def quoted_name(self) -> str:
        """The name of the database, quoted for SQL."""
        return quote_name(self.name)
