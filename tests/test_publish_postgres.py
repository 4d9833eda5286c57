"""Marts on a PostgreSQL server: the release that files show, whole for every reader at any time."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import psycopg2
import pytest

from orchestration import machine_faults, retries
from orchestration.assets.postgres import postgres_asset
from orchestration.close.edition import MANIFEST
from orchestration.close.release import RESTRICTED, SERVING
from orchestration.postgres.publish import publish_release
from orchestration.postgres.server import PostgresError
from orchestration.run_report import causes, failed_outcome
from orchestration.settings import PROJECT_DIR, Postgres
from tests.conftest import Installation
from tests.crm_files import (
    CALLS,
    PARTNERS,
    USERS,
    project_settings,
    settings_environment,
    write_onec_load,
)
from tests.postgres_server import connect, running_server
from tests.test_restatements import (
    MARCH_CALLS,
    PARTNER_ROWS,
    SOURCE,
    USERS_ROWS,
)

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
NAMES = Postgres(publish=True)
PUBLISH = "CRM_MARTS_POSTGRES__PUBLISH"
FILES = {"marts": SERVING, "restricted": RESTRICTED}
# Files of releases that tests derive; their rows stand there as many times as their edition says.
COUNTED = ("marts.rpt_client_growth", "marts.dim_clients", "restricted.client_names")
Server = dict[str, str]

# Looks at several marts within a transaction, then in one statement, and notes all it saw.
READER = """
import json, os, sys, time
import psycopg2
stop, report, tables = sys.argv[1], sys.argv[2], sys.argv[3:]
queries = ["select max(edition) from marts.editions"]
queries += ["select count(*) from " + table for table in tables]
seen, faults, looks = [], [], 0
while not os.path.exists(stop):
    try:
        with psycopg2.connect("") as server, server.cursor() as cursor:
            server.set_session(isolation_level="REPEATABLE READ")
            found = []
            for query in queries:
                cursor.execute(query)
                found.append(cursor.fetchone()[0])
                time.sleep(0.01)
            server.commit()
            server.set_session(isolation_level="READ COMMITTED")
            cursor.execute("select " + ", ".join("(" + query + ")" for query in queries))
            for look in (found, list(cursor.fetchone())):
                if look not in seen:
                    seen.append(look)
        server.close()
        looks += 1
    except Exception as error:
        faults.append(repr(error))
json.dump({"looks": looks, "faults": faults, "seen": seen}, open(report, "w"))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as variables:
        yield variables


@pytest.fixture(scope="module")
def refused_close(
    tmp_path_factory: pytest.TempPathFactory, server: Server
) -> tuple[Installation, subprocess.CompletedProcess[str]]:
    """March closed while the server refuses the password."""
    home = tmp_path_factory.mktemp("published")
    found = Installation(home, {**settings_environment(home, SOURCE), **server, PUBLISH: "true"})
    people = {USERS: USERS_ROWS, PARTNERS: PARTNER_ROWS}
    write_onec_load(found.raw / "demo" / "20260402T000000Z", people | {CALLS: MARCH_CALLS})
    return found, found.run("close", "2026-03", PGPASSWORD="not-the-password")


@pytest.fixture(scope="module")
def company(
    refused_close: tuple[Installation, subprocess.CompletedProcess[str]],
) -> Installation:
    return refused_close[0]


@pytest.fixture(scope="module")
def first(company: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of March, kept."""
    release = (company.data / "published" / "current").resolve()
    kept = tmp_path_factory.mktemp("releases") / release.name
    kept.mkdir()
    for file in FILES.values():
        shutil.copyfile(release / file, kept / file)
    return kept


@pytest.fixture
def database(
    server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """An empty database, which the environment names."""
    own = {**server, "PGDATABASE": request.node.name[:60]}
    with session(server) as cursor:
        cursor.execute(f'create database "{own["PGDATABASE"]}"')
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    yield own
    with session(server) as cursor:
        cursor.execute(f'drop database "{own["PGDATABASE"]}" with (force)')


@contextmanager
def session(server: Server, *, autocommit: bool = True) -> Iterator[Any]:
    """A cursor of a session of its own; without autocommit its snapshot is repeatable."""
    with closing(connect(server)) as connection, connection.cursor() as cursor:
        connection.set_session(
            isolation_level=None if autocommit else "REPEATABLE READ", autocommit=autocommit
        )
        yield cursor


def ask(server: Server, query: str, **more: str) -> list[tuple[Any, ...]]:
    with session({**server, **more}) as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def derive(release: Path, number: int, *changes: str, times: int | None = None) -> Path:
    """A later release with every row `times` (`number`) times, changed by SQL."""
    times = times or number
    made = release.with_name(f"{number:06d}")
    shutil.copytree(release, made)
    with opened(made, "") as db:
        for database, schema, table in db.execute(
            """select database_name, schema_name, table_name from duckdb_tables()
               where schema_name in ('marts', 'restricted') and table_name <> 'editions'"""
        ).fetchall():
            name = f"{database}.{schema}.{table}"
            db.execute(f"create temp table copied as from {name}")
            for _ in range(times - 1):
                db.execute(f"insert into {name} from copied")
            db.execute("drop table copied")
        db.execute(f"update db.marts.editions set edition = {times}")
        for change in changes:
            db.execute(change)
    return made


@pytest.fixture
def second(first: Path) -> Iterator[Path]:
    made = derive(first, 2)
    yield made
    shutil.rmtree(made)


def counts(server: Server, **more: str) -> list[Any]:
    """What a reader sees: the edition, and rows of three tables."""
    parts = ["(select max(edition) from marts.editions)"]
    parts += [f"(select count(*) from {table})" for table in COUNTED]
    [found] = ask(server, f"select {', '.join(parts)}", **more)
    return list(found)


def expected(first: Path, times: int) -> list[int]:
    found = [times]
    with opened(first) as db:
        for table in COUNTED:
            database = "personal" if table.startswith("restricted") else "db"
            [(count,)] = db.execute(f"select count(*) from {database}.{table}").fetchall()
            assert count
            found.append(count * times)
    return found


def differing_tables(server: Server, release: Path) -> list[str]:
    """Tables and views whose rows, types or descriptions are not the release's."""
    with session(server) as cursor, opened(release) as db:
        relations = db.execute(
            """select distinct database_name, schema_name, table_name from duckdb_columns()
               where schema_name in ('marts', 'restricted', 'serving')"""
        ).fetchall()
        assert len(relations) > 25
        assert ("db", "serving", "interaction_register") in relations
        return [".".join(name[1:]) for name in relations if not same(db, cursor, *name)]


@contextmanager
def opened(release: Path, options: str = "(read_only)") -> Iterator[duckdb.DuckDBPyConnection]:
    """Both files of a release, as `db` and `personal`."""
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute(f"attach '{release / SERVING}' as db {options}")
        db.execute(f"attach '{release / RESTRICTED}' as personal {options}")
        yield db


SPELLED = {"varchar": "text", "timestamp": "timestamp without time zone"}


def same(db: duckdb.DuckDBPyConnection, cursor: Any, database: str, schema: str, name: str) -> bool:
    columns = db.execute(
        """select column_name, replace(lower(data_type), 'decimal', 'numeric'), comment
           from duckdb_columns() where schema_name = ? and table_name = ? order by column_index""",
        [schema, name],
    ).fetchall()
    cursor.execute(
        """select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
           from pg_attribute where attrelid = to_regclass(%s) and attnum > 0
           order by attnum""",
        [f'"{schema}"."{name}"'],
    )
    described = [(n, SPELLED.get(kind, kind), text) for n, kind, text in columns]
    if described != cursor.fetchall():
        return False
    cursor.execute(f"select * from {schema}.{name}")
    return Counter(db.execute(f"select * from {database}.{schema}.{name}").fetchall()) == Counter(
        cursor.fetchall()
    )


def test_a_close_without_the_server_says_so_and_is_completed(
    refused_close: tuple[Installation, subprocess.CompletedProcess[str]], server: Server
) -> None:
    company, closed = refused_close
    assert closed.returncode == 5, closed.stderr
    assert "password authentication failed" in closed.stderr
    assert "crm-marts publish-postgres completes it" in closed.stderr
    assert "not-the-password" not in closed.stdout + closed.stderr
    status = company.run("status").stdout
    assert "was red" not in status
    assert "PostgreSQL: nothing yet" in status
    with company.published() as db:
        assert db.execute("select month, edition from editions").fetchall() == [("2026-03", 1)]
    assert ask(server, "select to_regnamespace('marts')::text") == [(None,)]
    completed = company.run("publish-postgres")
    assert completed.returncode == 0, completed.stderr
    assert "PostgreSQL shows release 000001, " in completed.stdout
    assert ask(server, "select month, edition from marts.editions") == [("2026-03", 1)]
    assert company.run("publish-postgres").stdout.endswith("release 000001, as before\n")
    assert "PostgreSQL: release 000001" in company.run("status").stdout
    away = company.run("status", PGPORT=str(free_port()))
    assert away.returncode == 0
    assert "PostgreSQL: cannot be asked: " in away.stdout


def test_every_row_is_published_with_types_and_descriptions(database: Server, first: Path) -> None:
    publish_release(NAMES, first)
    assert differing_tables(database, first) == []
    [(tables,)] = ask(database, "select count(*) from pg_tables where schemaname = 'marts'")
    with duckdb.connect(str(first / SERVING), read_only=True) as db:
        [(files,)] = db.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    assert tables == files + 1  # and published_release
    assert files > 20
    indexed = ask(database, "select count(*) from pg_indexes where indexdef like '%(close_month)'")
    monthly = ask(
        database,
        """select count(*) from information_schema.columns
           where table_schema in ('marts', 'restricted') and column_name = 'close_month'""",
    )
    assert indexed == monthly
    bare = ask(
        database,
        """select relname from pg_class
           where relnamespace in ('marts'::regnamespace, 'serving'::regnamespace)
               and relkind in ('r', 'v') and coalesce(obj_description(oid, 'pg_class'), '') = ''""",
    )
    assert bare == []


def test_texts_of_any_kind_come_out_as_they_were(database: Server, first: Path) -> None:
    texts = ["", " ", "a\n\\.\nb", "\\.", "\\N", '"', "'", ",", "\t\r\n", "эмодзи 🙂", "null", None]
    release = derive(first, 2)
    try:
        with opened(release, "") as db:
            for text in texts:
                db.execute(
                    "insert into personal.restricted.client_names values (?, ?, ?)", [text] * 3
                )
        publish_release(NAMES, release)
        assert differing_tables(database, release) == []
    finally:
        shutil.rmtree(release)


def test_the_same_release_is_not_written_again(database: Server, first: Path) -> None:
    written = publish_release(NAMES, first)
    assert written.rows > 100
    made = "select distinct xmin::text from marts.dim_clients"
    before = ask(database, made)
    assert publish_release(NAMES, first).rows == 0
    assert ask(database, made) == before
    assert publish_release(NAMES, first, all_months=True).rows == written.rows
    assert ask(database, made) != before
    # What somebody took away is put back, by the next release at the latest.
    with session(database) as cursor:
        cursor.execute("drop table marts.rpt_client_growth")
    publish_release(NAMES, first)
    assert differing_tables(database, first) == []
    with session(database) as cursor:
        cursor.execute("delete from marts.rpt_client_growth where ctid = '(0,1)'")
    later = derive(first, 2, times=1)
    publish_release(NAMES, later)
    assert differing_tables(database, first) == []
    shutil.rmtree(later)


def test_only_changed_months_are_written(database: Server, first: Path) -> None:
    """A later release has one month more; the rows of the month before stay where they are."""
    next_month = "cast(close_month + interval 1 month as date) as close_month"
    release = derive(
        first,
        2,
        f"""insert into db.marts.rpt_segment_sizes
            select * replace ({next_month}) from db.marts.rpt_segment_sizes""",
        """insert into db.marts.editions
           select * replace ('2026-04' as month) from db.marts.editions""",
        times=1,
    )
    publish_release(NAMES, first)
    made = """select close_month::text, string_agg(distinct xmin::text, ' ')
              from marts.rpt_segment_sizes group by close_month order by close_month"""
    [march] = ask(database, made)
    publish_release(NAMES, release)
    assert ask(database, made)[0] == march
    assert differing_tables(database, release) == []
    # A month that a release has no more goes, and one with another edition is written.
    restated = derive(first, 3, times=1)
    with opened(restated, "") as db:
        db.execute("update db.marts.editions set edition = 2")
    publish_release(NAMES, restated)
    [(month, written)] = ask(database, made)
    assert month == march[0]
    assert written != march[1]
    for path in (release, restated):
        shutil.rmtree(path)


def test_readers_see_whole_releases_while_they_are_switched(
    database: Server, first: Path, second: Path, tmp_path: Path
) -> None:
    publish_release(NAMES, first)
    stop = tmp_path / "stop"
    reports = [tmp_path / f"{number}.json" for number in range(4)]
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(stop), str(report), *COUNTED])
        for report in reports
    ]
    try:
        for _ in range(4):
            for release in (second, first):
                publish_release(NAMES, release)
    finally:
        stop.touch()
        for reader in readers:
            reader.wait(timeout=60)
    whole = [expected(first, 1), expected(first, 2)]
    for report in reports:
        found = json.loads(report.read_text())
        assert found["faults"] == []
        assert all(look in whole for look in found["seen"]), found["seen"]
        assert found["looks"] > 5
    assert any(len(json.loads(report.read_text())["seen"]) == 2 for report in reports)


def test_a_long_reader_waits_for_nobody_and_nobody_for_it(
    database: Server, first: Path, second: Path
) -> None:
    publish_release(NAMES, first)
    with session(database, autocommit=False) as reader:
        reader.execute("select count(*) from marts.dim_clients")
        shown = reader.fetchall()
        publish_release(NAMES, second)
        assert counts(database) == expected(first, 2)
        # Of a mart that it did not look at before, too, it sees the old rows.
        reader.execute("select max(edition) from marts.editions")
        assert reader.fetchall() == [(1,)]
        reader.execute("select count(*) from marts.dim_clients")
        assert reader.fetchall() == shown
        reader.execute("select count(*) from restricted.client_names")
        assert reader.fetchall() == [(expected(first, 1)[3],)]


def test_rights_outlive_publications(database: Server, first: Path, second: Path) -> None:
    """Rights are given as the README says, and then in every other way that there is."""
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    rights = readme.split("```sql\ncreate role crm_marts", 1)[1].split("```", 1)[0]
    with session(database) as cursor:
        cursor.execute("create role bi login password 'b'")
        cursor.execute("create schema bi_team authorization bi")
        named = f"create role crm_marts{rights}".replace("crm_marts", "publisher")
        cursor.execute(named.replace("'...'", "'p'"))
    try:
        publisher, bi = (
            {"PGUSER": "publisher", "PGPASSWORD": "p"},
            {"PGUSER": "bi", "PGPASSWORD": "b"},
        )
        with pytest.MonkeyPatch.context() as patch:
            for variable, value in publisher.items():
                patch.setenv(variable, value)
            publish_release(NAMES, first)
            with session(database) as cursor:
                cursor.execute(
                    """revoke select on marts.rpt_manager_load from bi;
                       grant select (close_month, manager_id) on marts.rpt_manager_load to bi;
                       alter table marts.rpt_interaction_register enable row level security;
                       create policy own on marts.rpt_interaction_register for select to bi
                           using (interaction_id = 'demo:edited');
                       set role bi;
                       create view bi_team.clients as select client_id from marts.dim_clients"""
                )
            may_see(database, bi, 1)
            made = derive(second, 4, "create table db.marts.rpt_new as select 1 as number")
            publish_release(NAMES, made)
            shutil.rmtree(made)
            may_see(database, bi, 8)
            assert ask(database, "select * from marts.rpt_new", **bi) == [(1,)]
    finally:
        with session(database) as cursor:
            cursor.execute(
                "drop owned by bi cascade; drop owned by publisher cascade; drop role bi, publisher"
            )


def may_see(database: Server, bi: Server, times: int) -> None:
    """What the role sees, of rows that stand there so many times."""
    rows = "select count(*) from "
    assert ask(database, rows + "marts.dim_clients", **bi) == [(2 * times,)]
    assert ask(database, rows + "bi_team.clients", **bi) == [(2 * times,)]
    assert ask(database, rows + "marts.rpt_interaction_register", **bi) == [(times,)]
    seen = "select distinct interaction_id from serving.interaction_register"
    assert ask(database, seen, **bi) == [("demo:edited",)]
    assert ask(database, "select distinct manager_id from marts.rpt_manager_load", **bi)
    for refused in ("marts.rpt_manager_load", "restricted.client_names"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(database, f"select * from {refused}", **bi)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(database, "delete from marts.dim_clients", **bi)


def test_a_publication_killed_half_way_leaves_the_old_release(
    database: Server, first: Path, second: Path
) -> None:
    publish_release(NAMES, first)
    program = "import sys; from pathlib import Path; from orchestration.settings import Postgres; "
    program += "from orchestration.postgres.publish import publish_release; "
    program += "publish_release(Postgres(publish=True), Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(second)]
    waiting = "select count(*) from pg_locks where not granted"
    with session(database, autocommit=False) as holder:
        # Refuses writing alone, so that the publication stops in the middle of its tables.
        holder.execute("lock table marts.rpt_manager_load in share mode")
        process = subprocess.Popen(command, cwd=PROJECT_DIR)
        try:
            until(lambda: ask(database, waiting) == [(1,)])
        finally:
            process.kill()
            process.wait()
        assert counts(database) == expected(first, 1)
    publisher = "select count(*) from pg_stat_activity where application_name = 'crm-marts'"
    until(lambda: ask(database, publisher) == [(0,)])
    assert differing_tables(database, first) == []
    assert subprocess.run(command, cwd=PROJECT_DIR, check=False).returncode == 0
    assert differing_tables(database, second) == []


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def test_a_faulty_publication_is_explained_and_leaves_the_old_release(
    database: Server, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_release(NAMES, first)
    faults = {
        r"restricted\"\.\"client_names\", column client_name: .* NUL": "update personal.restricted."
        "client_names set client_name = client_name || chr(0)",
        "column client_id is text there and integer in the release.* alter table": "alter table "
        "db.marts.dim_clients alter client_id type integer using 1",
        "type DOUBLE is none": "alter table db.marts.dim_clients add column weight double",
    }
    for number, (message, change) in enumerate(faults.items(), start=10):
        release = derive(first, number, change)
        with pytest.raises(PostgresError, match=message) as caught:
            publish_release(NAMES, release)
        assert not caught.value.is_transient
        assert counts(database) == expected(first, 1)
        shutil.rmtree(release)
    with session(database) as cursor:
        cursor.execute(
            """create function nothing() returns trigger language plpgsql as
                   'begin return null; end';
               create trigger nothing before insert on marts.dim_clients
                   for each row execute function nothing()"""
        )
    with pytest.raises(PostgresError, match="has 0 rows after copying, the release 2"):
        publish_release(NAMES, first, all_months=True)
    assert counts(database) == expected(first, 1)


def test_a_new_column_waits_for_readers_of_its_table_but_not_long(
    database: Server, first: Path
) -> None:
    publish_release(NAMES, first)
    widened = derive(
        first, 2, "alter table db.marts.rpt_interaction_register add column note varchar"
    )
    try:
        with session(database, autocommit=False) as reader:
            reader.execute("select count(*) from marts.rpt_interaction_register")
            with pytest.raises(PostgresError, match="lock timeout") as caught:
                publish_release(NAMES, widened)
            assert caught.value.is_transient
            assert counts(database) == expected(first, 1)
        publish_release(NAMES, widened)
        assert counts(database) == expected(first, 2)
        # A column that is gone stays, and is empty.
        with session(database) as writer:
            writer.execute("update marts.rpt_interaction_register set note = 'old'")
        publish_release(NAMES, first)
        assert counts(database) == expected(first, 1)
        assert ask(database, "select distinct note from marts.rpt_interaction_register") == [
            (None,)
        ]
    finally:
        shutil.rmtree(widened)


def test_schemas_have_the_names_that_are_set(database: Server, first: Path) -> None:
    names = Postgres(
        publish=True, marts_schema="crm", serving_schema="crm_views", restricted_schema=""
    )
    publish_release(names, first)
    schemas = "select nspname::text from pg_namespace where nspname !~ '^pg_' order by 1"
    assert ask(database, schemas) == [
        ("crm",),
        ("crm_views",),
        ("information_schema",),
        ("public",),
    ]
    assert ask(database, "select count(*) > 0 from crm_views.interaction_register") == [(True,)]
    assert publish_release(names, first).rows == 0


def test_a_missing_right_or_server_is_named(
    database: Server, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session(database) as cursor:
        cursor.execute("create role nobody login password 'n'")
    try:
        monkeypatch.setenv("PGUSER", "nobody")
        monkeypatch.setenv("PGPASSWORD", "wrong")
        refused(first, "as nobody: .*password authentication failed.*PGPASSWORD")
        monkeypatch.setenv("PGPASSWORD", "n")
        refused(first, "permission denied for database.*Give the role that right")
        monkeypatch.setenv("PGDATABASE", "nowhere")
        refused(first, "does not exist")
    finally:
        with session(database) as cursor:
            cursor.execute("drop role nobody")
    monkeypatch.setenv("PGPORT", str(free_port()))
    refused(first, "refused.*Look whether the server runs", is_transient=True)


def refused(release: Path, message: str, *, is_transient: bool = False) -> None:
    with pytest.raises(PostgresError, match=f"(?s){message}") as caught:
        publish_release(NAMES, release)
    assert caught.value.is_transient == is_transient


def test_a_restatement_reaches_the_server(company: Installation, server: Server) -> None:
    pending = company.data / "restatements" / "2026-03"
    shutil.copytree(company.data / "editions" / "2026-03" / "001", pending)
    manifest = json.loads((pending / MANIFEST).read_text(encoding="utf-8"))
    (pending / MANIFEST).write_text(json.dumps(manifest | {"number": 2}), encoding="utf-8")
    restated = company.run("restate", "2026-03")
    assert restated.returncode == 0, restated.stderr
    assert ask(server, "select month, edition from marts.editions") == [("2026-03", 2)]
    current = (company.data / "published" / "current").resolve()
    assert differing_tables(server, current) == []


def test_only_what_may_pass_by_itself_is_tried_again(
    company: Installation, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "WAIT_SECONDS", 0)
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    settings = project_settings().model_copy(update={"data_dir": company.data, "postgres": NAMES})
    published = postgres_asset(settings)

    def run() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [published],
            partition_key="2026-03",
            resources={"writer": None},
            raise_on_error=False,
        )

    assert run().success
    monkeypatch.setenv("PGPASSWORD", "wrong")
    refused = run()
    assert not tried_again(refused)
    assert failed_outcome(refused.all_events) == "published, but not to PostgreSQL"
    monkeypatch.setenv("PGPORT", str(free_port()))
    away = run()
    assert tried_again(away) == machine_faults.RETRIES
    cause = next(causes(away.all_events))
    assert cause.is_meant_for_users
    assert "refused" in cause.text


def tried_again(result: dg.ExecuteInProcessResult) -> int:
    assert not result.success
    return sum(event.is_step_up_for_retry for event in result.all_events)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"PGUSER": "anna"}, "postgres.publish needs PGHOST, PGPASSWORD, PGDATABASE in the env"),
        ({"CRM_MARTS_POSTGRES__MARTS_SCHEMA": "restricted"}, "need schemas of their own"),
        ({"CRM_MARTS_POSTGRES__MARTS_SCHEMA": 'a"b'}, "postgres.marts_schema"),
        ({PUBLISH: "false"}, "publication to PostgreSQL is off"),
    ],
)
def test_settings_are_looked_at_first(
    tmp_path: Path, variables: dict[str, str], problem: str
) -> None:
    refused = Installation(tmp_path, {PUBLISH: "true", **variables}).run("publish-postgres")
    assert refused.returncode == 2
    assert problem in refused.stderr
