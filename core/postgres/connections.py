"""A connection of the driver that waits for the server for a limited time."""

from time import monotonic
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus

from core import gates
from core.postgres.errors import CONNECTION_LOST, NO_CONNECTION, NOT_CONNECTED
from core.waiting import add_wait

INTERVAL = 0.1  # seconds after which the driver looks whether it was interrupted


class Gate(gates.Gate):
    """Permission to connect to a server now.

    The server ends by itself what was given up: it has limits for statements, and for transactions
    that are idle.
    """

    def refusal(self) -> Exception:
        return with_state(psycopg.OperationalError(gates.SILENT), NO_CONNECTION)

    def is_unreachable(self, error: Exception) -> bool:
        return isinstance(error, psycopg.OperationalError) and error.sqlstate in (
            NO_CONNECTION,
            CONNECTION_LOST,
        )


_gates: dict[tuple[object, ...], Gate] = {}


def gate_of(parameters: dict[str, Any]) -> Gate:
    """Return the gate of the server that these parameters of the driver name."""
    key = tuple(parameters.get(name) for name in ("host", "port", "user"))
    return _gates.setdefault(key, Gate())


def with_state[E: psycopg.Error](error: E, state: str) -> E:
    """Return an error of the driver with a SQLSTATE, unless the server gave it one."""
    error.sqlstate = error.sqlstate or state
    return error


class Connection(psycopg.Connection[Any]):
    """Wait for answers for a limited time, count what is waited, and tell lost connections.

    `read_timeout` is in seconds. `failure` is the error that the transaction has failed with.
    """

    read_timeout: float | None = None
    gate: Gate | None = None
    failure: psycopg.Error | None = None

    @property
    def has_failed(self) -> bool:
        """True in a transaction that can only be rolled back."""
        return self.pgconn.transaction_status == psycopg.pq.TransactionStatus.INERROR

    def wait[R](self, gen: PQGen[R], interval: float = INTERVAL, timeout: float | None = None) -> R:
        started = monotonic()
        was_lost = self.pgconn.status == ConnStatus.BAD
        try:
            return super().wait(gen, interval, timeout or self.read_timeout)
        except psycopg.OperationalError as error:
            limit = self.read_timeout
            if limit is not None and monotonic() - started >= limit and error.sqlstate is None:
                self.pgconn.finish()  # the answer may still come, and would be taken for another's
                if self.gate is not None:
                    self.gate.close()
                silent = psycopg.OperationalError("The database did not answer in time")
                raise with_state(silent, CONNECTION_LOST) from error
            if self.pgconn.status == ConnStatus.BAD:
                with_state(error, NOT_CONNECTED if was_lost else CONNECTION_LOST)
            raise
        finally:
            add_wait(monotonic() - started)
