"""Which rows of the contract changed between two moments, why, and from when on it matters."""

import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from orchestration.close.contract_copy import copy_contract, keep_copy, kept_contract
from orchestration.close.edition import recorded_inputs
from orchestration.close.examined import Examined
from orchestration.close.knowledge import (
    DATA_CAUSES,
    ENTITIES,
    causes_of,
    find_changes,
    rows_without,
    touches,
)
from orchestration.close.marts import keys_of
from orchestration.dbt import parsed_project
from tests.crm_files import project_settings

BASE = datetime(2026, 3, 10)
CALL = {
    "interaction_id": "'call'",
    "raw_type": "'Звонок'",
    "interaction_kind": "'call'",
    "responsible_manager_id": "'anna'",
    "created_at": "timestamp '2026-03-10'",
    "duration_seconds": "60",
    "is_deleted": "false",
}
CLIENT = {
    "client_id": "'shop'",
    "is_client": "true",
    "registered_at": "timestamp '2026-01-12'",
    "region": "'Омск'",
    "is_deleted": "false",
}
ASSIGNED = {
    "client_id": "'shop'",
    "manager_id": "'anna'",
    "assignment_role": "'main'",
    "valid_from": "timestamp '2026-01-12'",
}
MERGE = {"losing_client_id": "'shop'", "merged_at": "timestamp '2026-04-03'"}
ENDED = {"completed_at": "timestamp '2026-04-03'"}
MARCH = touches(datetime(2026, 4, 1), datetime(2026, 4, 2, 6))
Row = dict[str, str]


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    """Both states, without rows."""
    connection = duckdb.connect()
    nodes = parsed_project(project_settings()).nodes.values()
    tables = {table for entity in ENTITIES for table in entity.tables}
    for schema in ("before", "now"):
        connection.execute(f"create schema {schema}")
        for node in nodes:
            if node.resource_type == "model" and node.name in tables:
                columns = ", ".join(f"{c.name} {c.data_type}" for c in node.columns.values())
                connection.execute(f"create table {schema}.{node.name} ({columns})")
    return connection


def _fill(db: duckdb.DuckDBPyConnection, schema: str, table: str, row: Row) -> None:
    cells = ", ".join(f"{value} as {name}" for name, value in row.items())
    db.execute(f"insert into {schema}.{table} by name select {cells}")


@pytest.mark.parametrize(
    ("table", "old", "new", "cause", "touched_at"),
    [
        ("interactions", {}, CALL, "late entry", BASE),
        ("interactions", CALL, {}, "deletion", BASE),
        ("interactions", CALL, CALL | {"is_deleted": "true"}, "deletion", BASE),
        ("interactions", CALL, CALL | {"duration_seconds": "90"}, "edit", BASE),
        ("interactions", CALL, CALL | {"raw_type": "'Визит'"}, "reclassification", BASE),
        (
            *("interactions", CALL),
            CALL | {"raw_type": "'Визит'", "responsible_manager_id": "'boris'"},
            *("owner change", BASE),
        ),
        ("interactions", CALL, CALL | {"subject": "'Иначе'"}, None, None),
        ("clients", {}, CLIENT, "late entry", datetime(2026, 1, 12)),
        # Values of characteristics count by their own validity.
        ("clients", CLIENT, CLIENT | {"region": "'Уфа'"}, "reclassification", None),
        (
            *("clients", CLIENT, CLIENT | {"archived_at": "timestamp '2026-04-05'"}),
            *("edit", datetime(2026, 4, 5)),
        ),
        ("client_merges", {}, MERGE, "merge", datetime(2026, 4, 3)),
        (
            *("client_assignments", ASSIGNED),
            ASSIGNED | {"valid_to": "timestamp '2026-04-16'"},
            *("late entry", datetime(2026, 4, 16)),
        ),
        ("client_assignments", ASSIGNED, ASSIGNED | {"is_inferred": "true"}, "late entry", None),
    ],
)
def test_each_change_has_its_cause(  # noqa: PLR0913, PLR0917
    db: duckdb.DuckDBPyConnection,
    table: str,
    old: Row,
    new: Row,
    cause: str | None,
    touched_at: datetime | None,
) -> None:
    for schema, row in (("before", old), ("now", new)):
        if row:
            _fill(db, schema, table, row)
    find_changes(db, keys_of(parsed_project(project_settings())))
    found = db.execute("select cause, touched_at from changed").fetchall()
    assert found == ([(cause, touched_at)] if cause else [])


def test_a_clients_new_owner_is_an_owner_change(db: duckdb.DuckDBPyConnection) -> None:
    for schema in ("before", "now"):
        _fill(db, schema, "clients", CLIENT)
    _fill(db, "before", "client_assignments", ASSIGNED)
    _fill(db, "now", "client_assignments", ASSIGNED | {"valid_to": "timestamp '2026-04-16'"})
    later = {"manager_id": "'boris'", "valid_from": "timestamp '2026-04-16'"}
    _fill(db, "now", "client_assignments", ASSIGNED | later)
    find_changes(db, keys_of(parsed_project(project_settings())))
    assert db.execute("select id, cause from changed").fetchall() == [("shop", "owner change")]
    assert causes_of(db, MARCH) == []
    assert causes_of(db, touches(datetime(2026, 5, 1), datetime(2026, 5, 2))) == ["owner change"]
    held = db.execute(
        f"select manager_id from ({rows_without('client_assignments', ['owner change'])})"
    ).fetchall()
    assert held == [("anna",)]


@pytest.mark.parametrize(
    ("change", "with_it", "is_touched"),
    [
        (ENDED | {"result": "'Да'", "answered": "true"}, {}, False),
        ({"cancelled_at": "timestamp '2026-04-03'"}, {}, False),
        (ENDED, {"interaction_changes": {"changed_at": "timestamp '2026-04-03'"}}, False),
        (ENDED, {"interaction_changes": {"changed_at": "timestamp '2026-03-30'"}}, True),
        (ENDED, {"interaction_parties": {"party_id": "'p'"}}, True),
        # The close looks at the state of its own hour, and dates in the month count in it.
        ({"completed_at": "timestamp '2026-04-01'"}, {}, True),
        (ENDED | {"actual_start_at": "timestamp '2026-03-30'"}, {}, True),
        (ENDED | {"client_id": "'shop'"}, {}, True),
        ({"result": "'Да'"}, {}, True),
    ],
)
def test_what_ends_later_was_open_before(
    db: duckdb.DuckDBPyConnection, change: Row, with_it: dict[str, Row], is_touched: bool
) -> None:
    _fill(db, "before", "interactions", CALL)
    _fill(db, "now", "interactions", CALL | change)
    for table, row in with_it.items():
        _fill(db, "now", table, {"interaction_id": "'call'"} | row)
    find_changes(db, keys_of(parsed_project(project_settings())))
    assert causes_of(db, MARCH) == (["edit"] if is_touched else [])


@pytest.mark.parametrize(
    ("registered_at", "is_party", "touched_at"),
    [
        ("timestamp '2026-04-05'", False, datetime(2026, 4, 5)),
        ("timestamp '2026-04-05'", True, BASE),
        ("null", False, datetime(1970, 1, 1)),
    ],
)
def test_a_new_person_without_a_history_matters_since_its_client_does(
    db: duckdb.DuckDBPyConnection, registered_at: str, is_party: bool, touched_at: datetime
) -> None:
    for schema in ("before", "now"):
        _fill(db, schema, "clients", CLIENT | {"registered_at": registered_at})
        _fill(db, schema, "interactions", CALL)
        if is_party:
            party = {"interaction_id": "'call'", "party_kind": "'person'", "party_id": "'pavel'"}
            _fill(db, schema, "interaction_parties", party)
    _fill(db, "now", "contact_persons", {"person_id": "'pavel'"})
    _fill(db, "now", "client_contact_persons", {"person_id": "'pavel'", "client_id": "'shop'"})
    find_changes(db, keys_of(parsed_project(project_settings())))
    assert db.execute("select min(touched_at) from changed").fetchall() == [(touched_at,)]


def test_a_version_that_ended_counts_from_its_end(db: duckdb.DuckDBPyConnection) -> None:
    first = {"client_id": "'shop'", "known_from": "timestamp '2026-01-12'"}
    ended = {"known_to": "timestamp '2026-04-05'", "is_latest": "false"}
    for schema in ("before", "now"):
        _fill(db, schema, "clients", CLIENT)
    _fill(db, "before", "client_versions", first | {"is_latest": "true"})
    _fill(db, "now", "client_versions", first | ended)
    next_one = {"client_id": "'shop'", "known_from": "timestamp '2026-04-05'", "region": "'Уфа'"}
    _fill(db, "now", "client_versions", next_one | {"is_latest": "true"})
    find_changes(db, keys_of(parsed_project(project_settings())))
    assert db.execute("select touched_at from changed").fetchall() == [(datetime(2026, 4, 5),)]


def test_every_cause_has_its_place_in_the_order() -> None:
    named = {cause for entity in ENTITIES for cause in (*entity.causes, entity.otherwise)}
    assert named <= set(DATA_CAUSES)


def test_the_kept_contract_serves_its_own_stamp_alone(tmp_path: Path) -> None:
    work = tmp_path / "work.duckdb"
    with duckdb.connect(str(work)) as db:
        db.execute("create schema canonical; create table canonical.clients as select 'shop' as id")
    settings = project_settings().model_copy(update={"data_dir": tmp_path})
    stamp = Examined("2026-11-02T06:00:00+00:00", "code", "inputs")
    assert kept_contract(settings, stamp) is None
    copy_contract(work, tmp_path / "copy.duckdb")
    keep_copy(settings, tmp_path / "copy.duckdb", stamp)
    kept = kept_contract(settings, stamp)
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600  # names of people stand in it
    with duckdb.connect(str(kept), read_only=True) as db:
        assert db.execute("from clients").fetchall() == [("shop",)]
    for other in ({"as_of": "2026-10-02"}, {"code_version": "newer"}, {"inputs": "others"}):
        assert kept_contract(settings, replace(stamp, **other)) is None
    kept.write_bytes(b"half a file")
    assert kept_contract(settings, stamp) is None


def test_where_and_how_a_month_is_built_decides_no_figure() -> None:
    settings = project_settings()
    moved = {
        "data_dir": Path("elsewhere"),
        "settle_seconds": 5,
        "memory_limit": "2GB",
        "threads": 3,
    }
    assert recorded_inputs(settings.model_copy(update=moved)) == recorded_inputs(settings)
