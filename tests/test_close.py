"""Three months of the demo closed through the command line while a reader looks on."""

import contextlib
import fcntl
import json
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from orchestration.delivery.registers import REGISTER
from orchestration.demo import write_demo
from orchestration.settings import PROJECT_DIR
from tests.commands import COMMAND, run_forked
from tests.conftest import Installation

pytestmark = pytest.mark.slow
MONTHS = ["2026-08", "2026-09", "2026-10"]
KEPT_LOADS = ("202608", "202609", "202610", "202611")

# Opens whatever is published, again and again, and notes each look that is not one whole release.
READER = """
import json, os, sys, time
import duckdb
pointer, stop, report = sys.argv[1:]
looks, faults, seen = 0, [], set()
while not os.path.exists(stop):
    try:
        path = os.path.realpath(pointer)
        with duckdb.connect(path + "/crm_marts.duckdb", read_only=True) as db:
            months = {m for (m,) in db.execute("select month from marts.editions").fetchall()}
            for mart in ("rpt_client_growth", "fct_interactions", "rpt_no_contact_clients"):
                found = {m for (m,) in db.execute(
                    "select distinct strftime(close_month, '%Y-%m') from marts." + mart).fetchall()}
                if found != months:
                    faults.append(f"{path}: {mart} has {sorted(found)}, not {sorted(months)}")
        looks, seen = looks + 1, seen | {path}
    except Exception as error:
        faults.append(repr(error))
    time.sleep(0.02)
json.dump({"looks": looks, "faults": faults, "releases": len(seen)}, open(report, "w"))
"""


@pytest.fixture(scope="module")
def closed(installation: Installation) -> Installation:
    write_demo(installation.raw)
    for source in ("demo", "plans"):
        for load in (installation.raw / source).iterdir():
            if not load.name.startswith(KEPT_LOADS):
                shutil.rmtree(load)
    first = installation.run("close", MONTHS[0])
    assert first.returncode == 0, first.stderr
    with _reader(installation):
        rest = installation.run("backfill", *MONTHS[1:])
    assert rest.returncode == 0, rest.stderr
    return installation


@contextlib.contextmanager
def _reader(installation: Installation) -> Iterator[None]:
    stop, report = installation.home / "stop", installation.home / "reader.json"
    pointer = installation.data / "published" / "current"
    command = [sys.executable, "-c", READER, str(pointer), str(stop), str(report)]
    with subprocess.Popen(command) as process:
        try:
            yield
            time.sleep(1)
        finally:
            stop.touch()
            process.wait(timeout=60)


def _published(installation: Installation) -> duckdb.DuckDBPyConnection:
    path = installation.data / "published" / "current" / "crm_marts.duckdb"
    return duckdb.connect(str(path.resolve()), read_only=True)


def _release(installation: Installation) -> str:
    return (installation.data / "published" / "current").readlink().name


def _editions(installation: Installation) -> dict[str, dict[str, object]]:
    manifests = sorted((installation.data / "editions").glob("*/*/manifest.json"))
    return {path.parts[-3]: json.loads(path.read_text(encoding="utf-8")) for path in manifests}


def test_a_reader_never_fails_and_never_sees_a_mixture(closed: Installation) -> None:
    seen = json.loads((closed.home / "reader.json").read_text())
    assert seen["faults"] == []
    assert seen["looks"] > 20
    assert seen["releases"] == len(MONTHS)


def test_every_monthly_mart_has_every_closed_month(closed: Installation) -> None:
    with _published(closed) as db:
        marts = db.execute(
            """select table_name from information_schema.columns
               where table_schema = 'marts' and column_name = 'close_month'"""
        ).fetchall()
        assert len(marts) >= 9
        for (mart,) in marts:
            found = db.execute(
                f"select distinct strftime(close_month, '%Y-%m') from marts.{mart} order by 1"
            ).fetchall()
            assert [month for (month,) in found] == MONTHS, mart


def test_every_table_and_column_is_commented(closed: Installation) -> None:
    with _published(closed) as db:
        bare = db.execute(
            """select table_name, column_name from duckdb_columns()
               where schema_name = 'marts' and coalesce(comment, '') = ''
               union all
               select table_name, '' from duckdb_tables()
               where schema_name = 'marts' and coalesce(comment, '') = ''"""
        ).fetchall()
    assert bare == []


def test_the_readmes_query_combines_any_characteristics(closed: Installation) -> None:
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    [query] = re.findall(r"```sql\n(select .*?)```", readme, flags=re.DOTALL)
    with _published(closed) as db:
        db.execute("use marts")
        db.execute(f"create temp table combined as {query}")
        by_three = """
            select region, class, channel, sum(clients) as clients from combined
            group by all having sum(clients) > 0"""
        stored = """
            select value_2, value_1, value_3, client_count from rpt_segment_sizes
            where close_month = date '2026-10-01' and client_count > 0
                and combination = 'client_class + region + source_channel'"""
        assert db.execute(f"({by_three}) except ({stored})").fetchall() == []
        assert db.execute(f"({stored}) except ({by_three})").fetchall() == []
        assert db.execute(stored).fetchall()


def test_the_analysts_queries_run_and_find_rows(closed: Installation) -> None:
    page = (PROJECT_DIR / "docs" / "analysts.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    assert len(queries) > 20
    with _published(closed) as db:
        db.execute("use marts")
        empty = [query for query in queries if not db.execute(query).fetchall()]
    # Nothing was restated.
    assert [query for query in empty if "from rpt_restatements" not in query] == []


def test_superset_and_metabase_open_the_file_as_the_bi_page_says(closed: Installation) -> None:
    page = (PROJECT_DIR / "docs" / "bi.md").read_text(encoding="utf-8")
    [(path, options)] = re.findall(r"duckdb:///(/\S+\.duckdb)\?([\w=&]+)", page)
    release = (closed.data / "published" / "current").resolve()
    engine = create_engine(f"duckdb:///{release / Path(path).name}?{options}")
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from marts.rpt_manager_load")).scalar()
        with pytest.raises(ProgrammingError, match="read-only"):
            connection.execute(text("delete from marts.rpt_manager_load"))
    engine.dispose()


def test_parquet_files_hold_the_same_rows(closed: Installation) -> None:
    folder = closed.data / "published" / "current" / "parquet"
    with _published(closed) as db:
        for mart in ("rpt_interaction_kpis", "rpt_no_contact_clients", "dim_managers"):
            differing = db.execute(
                f"""(from marts.{mart} except all from read_parquet('{folder}/{mart}/*.parquet'))
                    union all
                    (from read_parquet('{folder}/{mart}/*.parquet') except all from marts.{mart})"""
            ).fetchall()
            assert differing == [], mart


def test_interactions_are_told_of_by_the_last_close_that_names_them(closed: Installation) -> None:
    folder = closed.data / "published" / "current" / "parquet" / "dim_interactions"
    newest = f"""
        select distinct on (interaction_id) * from read_parquet('{folder}/*.parquet')
        order by interaction_id, close_month desc"""
    restricted = closed.data / "published" / "current" / "restricted.duckdb"
    with _published(closed) as db:
        db.execute(f"attach '{restricted}' as r (read_only)")
        assert db.execute(f"from marts.dim_interactions except all ({newest})").fetchall() == []
        assert db.execute(f"({newest}) except all from marts.dim_interactions").fetchall() == []
        for told in ("marts.dim_interactions", "r.restricted.interaction_subjects"):
            doubled = f"select interaction_id from {told} group by all having count(*) > 1"
            assert db.execute(doubled).fetchall() == [], told
            untold = db.execute(
                f"""select interaction_id from marts.rpt_interaction_register
                    where interaction_id not in (select interaction_id from {told})
                    union all
                    select last_contact_interaction_id from marts.rpt_no_contact_clients
                    where last_contact_interaction_id not in (select interaction_id from {told})"""
            ).fetchall()
            assert untold == [], told


def test_the_register_lies_in_the_order_in_which_it_is_read(closed: Installation) -> None:
    """So that its first rows are found without sorting millions of others."""
    lying = f"select interaction_id from {REGISTER.mart} as report where close_month = ?"
    read = f"{lying} order by {REGISTER.order}"
    with duckdb.connect(closed.data / "published/current/crm_marts.duckdb", read_only=True) as db:
        db.execute("use marts")
        month = [date(2026, 10, 1)]
        assert db.execute(lying, month).fetchall() == db.execute(read, month).fetchall()


def test_names_are_kept_out_of_the_marts(closed: Installation) -> None:
    release = (closed.data / "published" / "current").resolve()
    restricted = release / "restricted.duckdb"
    assert stat.S_IMODE(restricted.stat().st_mode) == 0o600
    assert not (release / "parquet" / "client_names").exists()
    with _published(closed) as db:
        db.execute(f"attach '{restricted}' as restricted (read_only)")
        texts = db.execute(
            """select table_name, column_name from information_schema.columns
               where table_schema = 'marts' and data_type = 'VARCHAR'"""
        ).fetchall()
        for table, column in texts:
            leaked = db.execute(
                f"""select count(*) from marts.{table} where {column} in (
                        select client_name from restricted.restricted.client_names
                        union all
                        select full_name from restricted.restricted.contact_person_details
                        where full_name is not null)"""
            ).fetchall()
            assert leaked == [(0,)], f"{table}.{column}"


def test_an_interrupted_close_says_so_and_changes_nothing(closed: Installation) -> None:
    before = _editions(closed), _release(closed)
    note = closed.data / "warehouse" / "work.built.json"  # gone from the first step on
    close = subprocess.Popen(
        [COMMAND, "close", MONTHS[0]],
        env=closed.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while note.exists():
        assert close.poll() is None, close.communicate()
        time.sleep(0.1)
    while close.poll() is None:  # Python loses an interrupt that meets one of its own callbacks
        close.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            close.wait(timeout=15)
    _, errors = close.communicate()
    assert close.returncode == 130, errors
    assert errors.splitlines()[-1] == (
        "crm-marts: interrupted: what was published before stands. "
        "The same command goes on from there."
    )
    assert (_editions(closed), _release(closed)) == before


def test_lost_serving_files_are_made_again_from_the_editions(closed: Installation) -> None:
    compared = ("rpt_manager_load", "dim_interactions")
    with _published(closed) as db:
        before = [db.execute(f"from marts.{mart} order by all").fetchall() for mart in compared]
    shutil.rmtree(closed.data / "published")
    again = closed.run("close", MONTHS[0])
    assert again.returncode == 0, again.stderr
    with _published(closed) as db:
        after = [db.execute(f"from marts.{mart} order by all").fetchall() for mart in compared]
        assert after == before
        assert db.execute("select count(*) from marts.editions").fetchall() == [(3,)]


def test_an_edition_records_what_it_was_made_from(closed: Installation) -> None:
    edition = _editions(closed)["2026-09"]
    assert edition["as_of"] == "2026-10-02 03:00:00+00:00"
    assert edition["is_reconstructed"] is False
    loads = edition["load_ids"]
    assert isinstance(loads, list)
    assert "demo/20261002T001000Z" in loads
    assert "demo/20261102T001000Z" not in loads
    assert "interaction_types.csv" in edition["reference_lists"]  # type: ignore[operator]


def test_a_closed_month_never_changes_silently(closed: Installation) -> None:
    before = _editions(closed)
    changed = closed.run("close", MONTHS[1], CRM_MARTS_RULES__TALK_THRESHOLD_SECONDS="120")
    assert changed.returncode == 2
    assert "closed month never changes silently" in changed.stderr
    assert "rpt_interaction_kpis" in changed.stderr
    assert _editions(closed) == before


def test_a_failing_check_publishes_nothing_and_closing_again_changes_nothing(
    closed: Installation,
) -> None:
    before, editions = _release(closed), _editions(closed)
    with _published(closed) as db:
        [(month,)] = db.execute(
            """select min(strftime(close_month, '%Y-%m')) from marts.fct_interactions
               where interaction_group = 'unclassified'"""
        ).fetchall()
    red = closed.run("close", month, CRM_MARTS_CHECKS__UNCLASSIFIED_SHARE="0")
    assert red.returncode == 1
    assert "few_interactions_are_unclassified" in red.stderr
    assert "nothing was published" in red.stderr
    assert _release(closed) == before
    # As Dagster's page lets people begin a step by itself.
    act = (["steps", month, "published/marts"],)
    alone = run_forked("tests.faults.server:run_act", act, closed.environment())
    assert alone.returncode == 2, alone.stderr
    assert f"checks of {month} as it is built failed" in alone.stderr
    assert _release(closed) == before
    again = closed.run("close", month)
    assert again.returncode == 0, again.stderr
    assert "unchanged" in again.stdout
    assert (_release(closed), _editions(closed)) == (before, editions)


def test_a_failing_check_at_the_raw_door_stops_the_close(closed: Installation) -> None:
    before = _release(closed)
    # A later load lost three quarters of its calls, and the month is closed with it.
    folder = closed.raw / "demo" / "20261103T001000Z"
    shutil.copytree(closed.raw / "demo" / "20261102T001000Z", folder)
    (folder / "_load.json").write_text(
        '{"extracted_at": "2026-11-03T00:10:00Z", "complete": true}', encoding="utf-8"
    )
    calls = folder / "Document_ТелефонныйЗвонок.csv"
    lines = calls.read_text(encoding="utf-8").splitlines(keepends=True)
    calls.write_text("".join(lines[: len(lines) // 4]), encoding="utf-8")
    shutil.rmtree(closed.data / "editions" / MONTHS[2])
    try:
        red = closed.run("close", MONTHS[2], "--known-until", "2026-11-04T00:00:00Z")
        assert red.returncode == 1
        assert "raw/onec" in red.stderr
        assert "volume" in red.stderr
        assert "ТелефонныйЗвонок" in red.stderr
        assert _release(closed) == before
    finally:
        shutil.rmtree(folder)


def test_two_writers_are_refused(closed: Installation) -> None:
    with (closed.data / "writer.lock").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        holder = {"process": 1, "host": socket.gethostname(), "since": "2026-09-02 03:00:00 UTC"}
        file.write(json.dumps(holder | {"purpose": "close 2026-08"}))
        file.flush()
        locked = closed.run("close", MONTHS[0])
    assert locked.returncode == 3
    assert "another close is writing" in locked.stderr
    assert "close 2026-08, process 1 on" in locked.stderr
    assert "since 2026-09-02 03:00:00 UTC" in locked.stderr


def test_a_step_begun_by_itself_is_the_one_writer_and_of_the_month_built(
    closed: Installation,
) -> None:
    """As Dagster's page lets people do it."""
    act = ("tests.faults.server:run_act", (["steps", MONTHS[1], "published/marts"],))
    other = run_forked(*act, closed.environment())
    assert other.returncode == 2, other.stderr
    assert f"the warehouse holds {MONTHS[2]}, not {MONTHS[1]}" in other.stderr
    with (closed.data / "writer.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in ("marts", "published/restatements", "published/marts"):
            refused = run_forked(act[0], (["steps", MONTHS[2], step],), closed.environment())
            assert refused.returncode == 2, refused.stderr
            assert "another close is writing" in refused.stderr


def test_status_tells_what_is_closed_and_what_comes_next(closed: Installation) -> None:
    status = closed.run("status")
    assert status.returncode == 0
    assert "2026-08: edition 1, published" in status.stdout
    assert "source plans: 4 loads" in status.stdout
    assert "next:" in status.stdout


def test_queries_of_the_published_marts(closed: Installation) -> None:
    shown = closed.run("sql", "select period_label from dim_periods where period_kind = 'quarter'")
    assert "2026-Q3" in shown.stdout
    wrong = closed.run("sql", "from nowhere")
    assert wrong.returncode == 2
    assert "show tables" in wrong.stderr


def test_months_that_cannot_be_closed(closed: Installation, tmp_path: Path) -> None:
    cases = {
        ("close", "2026-13"): "is not a month",
        ("close", "2099-01"): "has not ended yet",
        ("backfill", "2026-10", "2026-08"): "comes after",
        ("close", "2020-01"): "is before the first month",
    }
    for arguments, message in cases.items():
        refused = closed.run(*arguments)
        assert refused.returncode == 2, refused.stderr
        assert message in refused.stderr
    unknown = closed.run("status", CRM_MARTS_RULES__TALK_SECONDS="9")
    assert unknown.returncode == 2
    assert "talk_seconds" in unknown.stderr.lower()
    missing = closed.run("status", CRM_MARTS_CONFIG=str(tmp_path / "none.toml"))
    assert missing.returncode == 2
    assert "none.toml" in missing.stderr
