"""A company in plain files as people send them: defaults, ids, reasons, two loads, every mart."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from orchestration.raw.declared import declared_tables
from orchestration.settings import DBT_DIR
from tests.conftest import Installation
from tests.samples import Row, Rows, empty_marts, write_config, write_load

pytestmark = pytest.mark.slow
SOURCES = """[sources.office]
crm = "plain_files"
timezone = "Europe/Moscow"
encoding = "cp1251"
delimiter = ";"

[sources.plans]
crm = "files"
timezone = "Europe/Moscow"

"""
FIRST, SECOND, THIRD = "2026-09-02T00:00:00Z", "2026-10-02T00:00:00Z", "2026-11-02T00:00:00Z"
MANAGERS: Rows = [
    {"manager_id": "1", "full_name": "Анна Белова", "team": "Север", "hired_on": "01.02.2020"},
    {"manager_id": "2", "full_name": "Олег Титов", "head_manager_id": "1"},
    {"manager_id": "9", "full_name": "Робот", "is_robot": "да"},
]
CLIENTS: Rows = [
    {
        "client_id": "a",
        "client_name": "ООО «Ромашка»",
        "registered_at": "15.01.2026",
        "responsible_manager_id": "1",
        "region": "Москва",
        "client_class": "A",
        "industry": "Торговля",
        "source_channel": "Сайт",
        "tax_id": "0012345678",
    },
    {"client_id": "b", "client_name": "Петров", "client_kind": "person", "do_not_contact": "1"},
    {"client_id": "c", "client_name": "Дубль", "registered_at": "1.2.2026 8:00"},
    {"client_id": "s", "client_name": "Поставщик", "is_client": "нет"},
]
PLANNED = {
    "interaction_id": "4",
    "interaction_kind": "meeting",
    "created_at": "20.09.2026 10:00",
    "planned_start_at": "20.11.2026 10:00",
    "planned_end_at": "20.11.2026 11:30",
    "client_id": "b",
    "responsible_manager_id": "2",
}
INTERACTIONS: Rows = [
    {
        "interaction_id": "1",
        "interaction_kind": "call",
        "interaction_group": "complaint",
        "direction": "in",
        "created_at": "05.09.2026 10:00",
        "actual_start_at": "05.09.2026 10:00",
        "completed_at": "05.09.2026 10:12",
        "talk_seconds": "90,4",
        "client_id": "a",
        "responsible_manager_id": "1",
        "subject": "Жалоба\nв две строки; с точкой",
        "result": "positive",
        "deadline_at": "05.09.2026",
    },
    {
        "interaction_id": "2",
        "interaction_kind": "task",
        "created_at": "07.09.2026",
        "status": "Open",
    },
    {**PLANNED, "interaction_id": "3", "client_id": "a", "responsible_manager_id": "1"},
    PLANNED,
    {**PLANNED, "interaction_id": "5", "planned_start_at": "", "planned_end_at": ""},
]
BROKEN: Rows = [
    {"interaction_id": "x1", "created_at": "05.09.2026"},
    {"interaction_id": "x2", "interaction_kind": "séance", "created_at": "09/05/2026"},
    {"interaction_id": "x3", "interaction_kind": "call", "created_at": "05.09.2026", "status": "?"},
    {
        "interaction_id": "x4",
        "interaction_kind": "call",
        "created_at": "05.09.2026",
        "talk_seconds": "2 min",
        "answered": "maybe",
    },
]
REASONS = {
    2: "interaction_kind and raw_type are empty",
    3: "interaction_kind is not meeting, call, visit, email, message, task, mailing, note; "
    "created_at is not a date",
    4: "status is unknown",
    5: "talk_seconds is not a number; answered is not true or false",
}
COMPANY: dict[str, Path | Rows] = {
    "managers": MANAGERS,
    "clients": CLIENTS,
    "client_merges": [
        {"losing_client_id": "c", "surviving_client_id": "a", "merged_at": "10.09.2026"}
    ],
    "client_characteristics": [
        {"client_id": "a", "characteristic": "interests", "value": "tea"},
        {"client_id": "a", "characteristic": "interests", "value": "coffee"},
    ],
    "contact_persons": [{"person_id": "p", "full_name": "Ева", "email": "e@example.org"}],
    "client_contact_persons": [
        {"client_id": "a", "person_id": "p", "position": "Генеральный директор"},
        {"client_id": "a", "person_id": "p", "role": "ЛПР"},
    ],
    "client_assignments": [
        {"client_id": "b", "manager_id": "2", "valid_from": "01.03.2026"},
        {"client_id": "b", "manager_id": "1", "assignment_role": "second"},
    ],
    "interactions": INTERACTIONS,
    "interaction_parties": [
        {"interaction_id": "1", "party_kind": "person", "party_id": "p"},
        {"interaction_id": "3", "party_kind": "manager", "party_id": "office:2", "attended": "0"},
    ],
    "interaction_changes": [
        {
            "interaction_id": "3",
            "changed_at": "25.09.2026 12:00",
            "field": "deadline",
            "old_value": "18.10.2026",
            "new_value": "20.10.2026 11:30",
        }
    ],
}
PLAN = {
    "plan_id": "1",
    "plan_version": "1",
    "approved_at": "2026-08-20",
    "period_start": "2026-09-01",
    "period_end": "2026-10-01",
    "manager_id": "office:1",
    "client_id": "office:a",
    "planned_count": "2",
}


def write_company(home: Path, load: str, tables: Mapping[str, Path | Rows]) -> None:
    """Write a load in cp1251 with semicolons, as a spreadsheet saves it."""
    folder = write_load(home, "office", load, tables)
    for path in folder.glob("*.csv"):
        table = declared_tables("plain_files")[path.stem]
        rows = tables[path.stem]
        assert not isinstance(rows, Path)
        columns = [name for name in table.columns if any(name in row for row in rows)]
        lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
        quoted = (";".join('"' + str(c).replace('"', '""') + '"' for c in line) for line in lines)
        path.write_bytes("\r\n".join(quoted).encode("cp1251", "replace"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Three loads; September closed."""
    home = tmp_path_factory.mktemp("office")
    config = write_config(home, SOURCES, first_month="2026-08")
    found = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    before = [row for row in INTERACTIONS if row["interaction_id"] == "2"]
    write_company(found.raw, FIRST, {**COMPANY, "interactions": before})
    write_company(found.raw, SECOND, {**COMPANY, "interactions": [*INTERACTIONS]})
    write_load(found.raw, "plans", SECOND, {"contact_plans": [PLAN]}, crm="files")
    found.close("2026-09")
    return found


@pytest.fixture
def contract(office: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with office.canonical() as db:
        yield db


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def test_every_contract_table_has_a_file() -> None:
    canonical = {path.stem for path in (DBT_DIR / "models" / "canonical").glob("*.sql")}
    derived = {"quarantine", "client_versions", "interaction_versions"}
    derived |= {"working_calendar", "source_loads"}
    own = {"contact_plans", "absences"}  # of the product's own sheets, in folder files
    assert set(declared_tables("plain_files")) == canonical - derived - own


def test_rows_arrive_with_their_defaults(contract: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        contract,
        """select client_id, client_kind, is_client, registered_at::varchar, do_not_contact,
               responsible_manager_id, tax_id
           from clients order by 1""",
    ) == [
        *[
            (
                "office:a",
                "organisation",
                True,
                "2026-01-14 21:00:00",
                False,
                "office:1",
                "0012345678",
            )
        ],
        ("office:b", "person", True, "2026-07-31 20:59:59.999999", True, None, None),
        ("office:c", "organisation", True, "2026-02-01 05:00:00", False, None, None),
        ("office:s", "organisation", False, "2026-07-31 20:59:59.999999", False, None, None),
    ]
    assert rows(
        contract, "select manager_id, is_robot, hired_on::varchar from managers order by 1"
    ) == [
        ("office:1", False, "2020-02-01"),
        ("office:2", False, None),
        ("office:9", True, None),
    ]
    assert rows(
        contract,
        """select interaction_id, party_kind, party_id, party_role, attended
           from interaction_parties order by 1""",
    ) == [
        ("office:1", "person", "office:p", "participant", None),
        ("office:3", "manager", "office:2", "participant", False),
    ]


def test_recorded_and_seen_owners(contract: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        contract,
        """select client_id, manager_id, assignment_role, valid_from::varchar, is_inferred
           from client_assignments order by 1, 2""",
    ) == [
        ("office:a", "office:1", "main", "2026-01-14 21:00:00", True),
        ("office:b", "office:1", "second", None, False),
        ("office:b", "office:2", "main", "2026-02-28 21:00:00", False),
    ]


def test_interactions_are_read(contract: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        contract,
        """select interaction_id, interaction_kind, interaction_group, completed_at::varchar,
               talk_seconds, deadline_at::varchar, deadline_is_date, subject
           from interactions where interaction_id in ('office:1', 'office:2') order by 1""",
    ) == [
        (
            *("office:1", "call", "complaint", "2026-09-05 07:12:00", 90, "2026-09-04 21:00:00"),
            *(True, "Жалоба\nв две строки; с точкой"),
        ),
        ("office:2", "task", "other", None, None, None, False, None),
    ]


def test_recorded_changes_stand_for_those_seen(contract: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        contract,
        """select interaction_id, changed_at::varchar, field, old_value, new_value
           from interaction_changes order by all""",
    ) == [
        (
            *("office:3", "2026-09-25 09:00:00", "deadline"),
            *("2026-10-18 20:59:59.999999", "2026-10-20 08:30:00"),
        )
    ]


def test_every_mart_has_rows(office: Installation) -> None:
    without = {"rpt_segment_migration": "no segment is left or entered within the month"}
    with office.published() as db:
        assert empty_marts(db) <= set(without)
        assert rows(
            db,
            """select interaction_id, client_id, performer_id, duration_minutes::double
               from fct_interactions""",
        ) == [("office:1", "office:a", "office:1", 1.5)]
        assert rows(
            db,
            """select opening_client_count, new_client_count, merged_client_count,
                   closing_client_count
               from rpt_client_growth where period_kind = 'month' and characteristic = 'all'""",
        ) == [(3, 0, 1, 2)]
        assert rows(
            db,
            "select planned_count, fact_count from rpt_plan_fulfilment where row_kind = 'total'",
        ) == [(2, 1)]


def test_what_loads_tell_and_what_is_wrong(office: Installation) -> None:
    # 2 is closed without a moment; 3 and 5 disappear, 3 before its planned start.
    later = [
        {**INTERACTIONS[1], "status": "done"},
        *(row for row in INTERACTIONS if row["interaction_id"] == "1"),
        {**PLANNED, "direction": "sideways"},
    ]
    # b changes hands without a date, as a list of today's owners does.
    owners = [{"client_id": "b", "manager_id": "1"}]
    company = {**COMPANY, "interactions": [*BROKEN, *later], "client_assignments": owners}
    write_company(office.raw, THIRD, company)
    write_load(office.raw, "plans", THIRD, {"contact_plans": [PLAN]}, crm="files")
    office.build("2026-10")
    with office.canonical() as db:
        assert rows(
            db,
            """select interaction_id, completed_at::varchar, completed_at_source,
                   cancelled_at::varchar, is_deleted
               from interactions where interaction_id in ('office:2', 'office:3', 'office:5')
               order by 1""",
        ) == [
            ("office:2", "2026-11-02 00:00:00", "load", None, False),
            ("office:3", None, None, "2026-11-02 00:00:00", False),
            ("office:5", None, None, None, True),
        ]
        assert rows(
            db,
            """select manager_id, assignment_role, valid_from::varchar, valid_to::varchar
               from client_assignments where client_id = 'office:b' order by 2, 3 nulls first""",
        ) == [
            ("office:2", "main", "2026-02-28 21:00:00", "2026-11-02 00:00:00"),
            ("office:1", "main", "2026-11-02 00:00:00", None),
            ("office:1", "second", None, "2026-11-02 00:00:00"),
        ]
        reasons = {**REASONS, 9: "direction is not in, out"}
        assert dict(rows(db, "select line_number, reason from quarantine")) == reasons
        # What was usable of 4 stands: the newest of its rows is in quarantine.
        assert rows(
            db,
            """select versions.known_from::varchar, versions.is_latest, interactions.is_deleted
               from interaction_versions as versions
               inner join interactions on versions.interaction_id = interactions.interaction_id
               where versions.interaction_id = 'office:4'""",
        ) == [("2026-10-02 00:00:00", True, False)]
