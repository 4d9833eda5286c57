"""The PostgreSQL server: its connection, transactions on it, and its errors as users read them."""

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from orchestration.errors import CrmMartsError

if TYPE_CHECKING:
    import psycopg2
    from psycopg2.extensions import connection, cursor

OLDEST_VERSION = 15  # before it a view could not keep to its reader's row policies
CONNECT_SECONDS = 10
# Rows are replaced without waiting for readers; what waits, waits for somebody else's lock.
LOCK_SECONDS = 5
# A publication is one long transaction, which limits meant for people's queries must not end.
# Row policies that would hide rows from the publication itself raise an error.
TRANSACTION = f"""
    set local lock_timeout = '{LOCK_SECONDS}s';
    set local statement_timeout = 0;
    set local idle_in_transaction_session_timeout = 0;
    set local row_security = off;
    set local search_path = pg_catalog;
    set local datestyle = 'ISO';
    select pg_advisory_xact_lock(hashtext(%s))"""
# SQLSTATEs, or their beginnings: connection lost, server stopped or full, conflict, lock not given.
TRANSIENT = ("08", "57P", "53300", "40", "55P03")
# What a server that starts, stops or is full answers to a new connection, which has no SQLSTATE.
BUSY = re.compile(r"starting up|shutting down|recovery mode|too many|remaining connection slots")
REFUSED = re.compile(r"failed: \w+:  ")
REMEDIES = {
    "42501": "Give the role that right, or let it own the schemas and the tables in them.",
    "55P03": f"A session holds a lock that reading does not need, for over {LOCK_SECONDS} s: "
    "pg_locks names it.",
    "42P16": "Drop the view; this publication then makes it anew, and its rights are granted anew.",
    "25006": "Name the primary server in PGHOST, not a read-only one.",
    "53100": "Make room on the server's disk.",
}


class PostgresError(CrmMartsError):
    """PostgreSQL was not brought to the published release, and shows what it showed."""


@contextmanager
def connected() -> Iterator["connection"]:
    """Connect to the server that libpq's variables name; its errors become PostgresError."""
    import psycopg2

    try:
        with closing(
            psycopg2.connect(
                application_name="crm-marts",
                client_encoding="UTF8",
                connect_timeout=CONNECT_SECONDS,
            )
        ) as server:
            _check(server)
            yield server
    except psycopg2.Error as error:
        # An error of the server can quote cells of a row: it goes no further.
        raise _readable(error) from None


@contextmanager
def transaction(server: "connection", purpose: str) -> Iterator["cursor"]:
    """One transaction, alone with its purpose on this database."""
    with server, server.cursor() as cursor:
        cursor.execute(TRANSACTION, [f"crm-marts {purpose}"])
        yield cursor


def _check(server: "connection") -> None:
    if server.server_version < OLDEST_VERSION * 10_000:
        raise PostgresError(
            f"the server is older than PostgreSQL {OLDEST_VERSION}", place=_address()
        )
    encoding = server.get_parameter_status("server_encoding")
    if encoding != "UTF8":
        raise PostgresError(
            f"the database's encoding is {encoding}, which has no place for every character",
            place=_address(),
            remedy="Create a database with encoding UTF8.",
        )


def _readable(error: "psycopg2.Error") -> PostgresError:
    code = error.pgcode
    if code is None:
        text = " ".join(str(error).split())
        is_refused = REFUSED.search(str(error)) is not None
        return PostgresError(
            text or type(error).__name__,
            place=_address(),
            remedy="Look at PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE."
            if is_refused
            else "Look whether the server runs and is reached from here.",
            is_transient=not is_refused or BUSY.search(text) is not None,
        )
    if code.startswith(("22", "23")):
        where = ".".join(filter(None, (error.diag.table_name, error.diag.column_name)))
        problem = f"a value was refused (SQLSTATE {code}) {where}".strip()
    else:
        problem = str(error.diag.message_primary)
    return PostgresError(
        problem,
        place=_address(),
        remedy=REMEDIES.get(code, ""),
        is_transient=code.startswith(TRANSIENT),
    )


def _address() -> str:
    known = os.environ
    return (
        f"PostgreSQL {known['PGHOST']}:{known.get('PGPORT', '5432')}/{known['PGDATABASE']} "
        f"as {known['PGUSER']}"
    )
