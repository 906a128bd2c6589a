"""Answers to requests that the database cannot serve now, by the error it gave."""

import logging

from django.db import DataError, Error, InterfaceError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.failures import OUT_OF_TIME, CommitUnknown
from core.mysql import errors as mysql
from core.postgres import errors as postgres
from core.problems import Problem

logger = logging.getLogger(__name__)

# Numbers of MySQL and MariaDB, and SQLSTATEs of PostgreSQL.
TRANSIENT = mysql.TRANSIENT | postgres.TRANSIENT
LOST = mysql.LOST | postgres.LOST
OUTAGES = frozenset(
    {OUT_OF_TIME, str(OUT_OF_TIME)}.union(
        *(
            errors.LOST | errors.REFUSED | errors.ENDED | errors.UNABLE | errors.TRANSIENT
            for errors in (mysql, postgres)
        )
    )
)
# Of the driver of PostgreSQL.
NUL_REFUSED = "cannot contain NUL (0x00) bytes"
SQLITE_LOCKED = ("database is locked", "database table is locked")
SQLITE_OUTAGES = (
    *SQLITE_LOCKED,
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database disk image is malformed",
)


def code_of(error: Error) -> int | str:
    """Return the number of an error of MySQL, the SQLSTATE of PostgreSQL, or SQLite's text."""
    return postgres.sqlstate_of(error) or (error.args[0] if error.args else "")


def is_transient(error: Error) -> bool:
    """Return whether the transaction may succeed when it is run again after other writers."""
    code = code_of(error)
    return code in TRANSIENT or (isinstance(code, str) and code.startswith(SQLITE_LOCKED))


def is_lost(error: Error) -> bool:
    """Return whether the connection has ended and nothing of its transaction was committed."""
    if isinstance(error, CommitUnknown):
        return False
    # The driver raises InterfaceError(0, '') on a connection that it has closed itself.
    return isinstance(error, InterfaceError) or code_of(error) in LOST


def problem_of(error: Error) -> Problem | None:
    """Return the problem that answers a database error; None if it is an error of the program."""
    if isinstance(error, CommitUnknown):
        return Problem("outcome_unknown")
    if isinstance(error, DataError) and NUL_REFUSED in str(error):
        return Problem("bad_request")  # in a text of the client's that nothing has validated
    code = code_of(error)
    is_outage = (
        code in OUTAGES or code.startswith(SQLITE_OUTAGES)
        if isinstance(code, str)
        else code in OUTAGES or isinstance(error, InterfaceError)
    )
    return Problem("busy") if is_outage else None


def log_outage(request: HttpRequest, response: HttpResponseBase, error: BaseException) -> None:
    """Log the answer to an outage in one line, which replaces Django's own."""
    logger.warning(
        "%s %s was answered with %s: %s", request.method, request.path, response.status_code, error
    )
    response._has_been_logged = True  # type: ignore[attr-defined]  # set by Django's log_response
