"""Rows a second onto a PostgreSQL server: `python -m benchmarks.publish_postgres 1000000`.

Publishes a release whose newest month has so many interactions to an empty server of its own, and
once more with every row written anew; then creates the roles of readers and counts the register as
an analyst and as a manager, to tell what row policies cost.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.large_release import large_release
from orchestration.postgres.publish import publish_release
from orchestration.postgres.roles import access_schema, create_roles
from orchestration.settings import Postgres, Settings
from tests.postgres_server import connect, running_server

NAMES = Postgres(publish=True)
LOGINS = {"analyst": "crm_analyst", "manager": "crm_manager"}
COUNT = "select count(*) from marts.rpt_interaction_register"


def main(rows: int) -> None:
    """Publish twice, count as each reader, and print what it took."""
    settings = Settings()  # type: ignore[call-arg]
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        release, month, written = large_release(settings, rows, Path(folder))
        os.environ |= server
        print(f"{written:,} interactions in {month}, {os.cpu_count()} cores")
        for what, all_months in (("empty server", False), ("every row anew", True)):
            started = time.monotonic()
            published = publish_release(NAMES, release, all_months=all_months)
            seconds = time.monotonic() - started
            print(
                f"{what}: {published.rows:,} rows in {seconds:.1f} s, "
                f"{published.rows / seconds:,.0f} rows/s"
            )
        create_roles(settings.model_copy(update={"postgres": NAMES}))
        with connect(server) as admin, admin.cursor() as cursor:
            for login, role in LOGINS.items():
                cursor.execute(f"create role {login} login password '{login}' in role {role}")
            cursor.execute(
                f"""insert into {access_schema(NAMES)}.manager_logins
                    select 'manager', min(performer_id) from marts.rpt_interaction_register"""
            )
        for login in LOGINS:
            own = {"PGUSER": login, "PGPASSWORD": login}
            with connect({**server, **own}) as reader, reader.cursor() as cursor:
                started = time.monotonic()
                cursor.execute(COUNT)
                [(count,)] = cursor.fetchall()
                seconds = time.monotonic() - started
            print(f"{login} counts {count:,} rows of the register in {seconds:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
