"""1C:CRM from OData and from its MS SQL database: the same company, the same rows."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import DBT_DIR
from tests.conftest import Installation
from tests.onec_company import (
    CLIENT,
    Tables,
    Unshifted,
    at,
    binary,
    call,
    company,
    company_before,
    guid,
    line,
    odata,
    pages,
    partner,
    sql,
    user,
    written,
)
from tests.samples import Row, write_config, write_load

pytestmark = pytest.mark.slow
# The office's clock is two hours ahead of the business's.
SOURCES = """[sources.odata]
crm = "onec"
timezone = "Asia/Yekaterinburg"

[sources.sql]
crm = "onec"
timezone = "Asia/Yekaterinburg"
year_offset = 2000

[sources.plans]
crm = "files"

"""
MARCH, APRIL = "2026-03-02T00:10:00Z", "2026-04-02T00:10:00Z"
CANONICAL = [
    *("clients", "client_merges", "client_assignments", "contact_persons"),
    *("client_contact_persons", "managers", "interactions", "interaction_parties"),
    *("interaction_changes", "client_versions", "interaction_versions"),
]


def rows(db: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found: list[Row] = db.execute(query).fetchall()
    return found


def plan(source: str) -> dict[str, Any]:
    """Анна is to make two contacts with anybody."""
    return {
        "plan_id": f"{source}:1",
        "plan_version": 1,
        "approved_at": "2026-02-27T12:00:00Z",
        "period_start": "2026-03-01",
        "period_end": "2026-04-01",
        "manager_id": f"{source}:{guid('anna')}",
        "planned_count": 2,
    }


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Both forms of the company, OData's as JSON, in one installation; March closed."""
    home = tmp_path_factory.mktemp("forms")
    config = write_config(home, SOURCES, first_month="2026-03")
    installation = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    for moment, tables in ((MARCH, company_before()), (APRIL, company())):
        documents = pages(home / "odata" / moment, tables)
        write_load(installation.raw, "odata", moment, documents, crm="onec")
        write_load(installation.raw, "sql", moment, written(tables, sql), crm="onec")
    plans = [plan("odata"), plan("sql")]
    write_load(installation.raw, "plans", MARCH, {"contact_plans": plans}, crm="files")
    write_load(installation.raw, "plans", APRIL, {"contact_plans": plans}, crm="files")
    installation.close("2026-03")
    return installation


@pytest.fixture(scope="module")
def canonical(closed: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with closed.canonical() as db:
        yield db


@pytest.fixture(scope="module")
def marts(closed: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with closed.published() as db:
        yield db


def of_source(db: duckdb.DuckDBPyConnection, table: str, source: str) -> list[str]:
    """Rows that name a source's ids, as text without the source."""
    found = [repr(row) for row in rows(db, f"select * from {table}")]
    return sorted(row.replace(f"{source}:", ":") for row in found if f"'{source}:" in row)


@pytest.mark.parametrize("table", CANONICAL)
def test_both_forms_yield_the_same_rows(canonical: duckdb.DuckDBPyConnection, table: str) -> None:
    from_odata = of_source(canonical, table, "odata")
    assert from_odata
    assert of_source(canonical, table, "sql") == from_odata


@pytest.mark.parametrize(
    "mart",
    [
        *("dim_clients", "dim_managers", "dim_interactions", "fct_interactions"),
        *("rpt_interaction_register", "rpt_no_contact_clients", "rpt_interaction_kpis"),
        *("rpt_interaction_outcomes", "rpt_deadline_compliance", "rpt_planned_activity"),
        *("rpt_manager_load", "rpt_plan_fulfilment"),
    ],
)
def test_both_forms_yield_the_same_figures(marts: duckdb.DuckDBPyConnection, mart: str) -> None:
    from_odata = of_source(marts, mart, "odata")
    assert from_odata
    assert of_source(marts, mart, "sql") == from_odata


def test_every_mart_has_rows(marts: duckdb.DuckDBPyConnection) -> None:
    names = {
        path.stem
        for path in (DBT_DIR / "models" / "marts").rglob("*.sql")
        if path.parent.name != "restricted"
    }
    empty = {name for name in names if rows(marts, f"select count(*) from {name}") == [(0,)]}
    assert empty == set()


def test_nothing_is_in_quarantine(canonical: duckdb.DuckDBPyConnection) -> None:
    assert rows(canonical, "select * from quarantine") == []


def test_ids_are_the_guids_of_odata(canonical: duckdb.DuckDBPyConnection) -> None:
    assert binary(guid("romashka")).lower() != f"0x{guid('romashka').hex}"
    assert rows(
        canonical,
        """select client_id from clients where client_id like 'sql:%'
            and client_name = 'romashka'""",
    ) == [(f"sql:{guid('romashka')}",)]


def test_shifted_and_plain_dates_stand_in_one_table(canonical: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        canonical,
        """select client_name, registered_at::varchar, archived_at::varchar
           from clients where client_id like 'sql:%' order by 1""",
    ) == [
        ("closed", "2025-01-08 19:00:00", "2026-03-14 19:00:00"),
        ("lutik", "2025-01-08 19:00:00", None),
        ("romashka", "2024-05-06 05:00:00", None),
        ("supplier", "2025-01-08 19:00:00", None),
        ("vasilek", "2026-03-05 09:30:00", None),
    ]


def test_a_time_of_day_is_a_duration(canonical: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        canonical,
        """select subject, talk_seconds, answered from interactions
           where interaction_id like 'sql:%' and interaction_kind = 'call' order by 1""",
    ) == [("late", 125, True), ("missed", 0, False), ("talk", 900, True)]


def test_a_document_has_two_clocks(marts: duckdb.DuckDBPyConnection) -> None:
    # One o'clock on 1 April in the office, eleven in the evening of 31 March in the business.
    assert rows(
        marts,
        f"""select event_at::varchar, strftime(close_month, '%Y-%m')
            from fct_interactions where interaction_id = 'sql:{guid("late")}'""",
    ) == [("2026-03-31 20:00:00", "2026-03")]
    # The whole 31 March of the business: done at 01:30 of 1 April in the office is on time.
    assert rows(
        marts,
        f"""select outcome, deadline_at::varchar from rpt_interaction_register
            where interaction_id = 'sql:{guid("offer")}'""",
    ) == [("completed on time", "2026-03-31 20:59:59.999999")]


def test_a_text_message_goes_out_when_it_was_to(canonical: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        canonical,
        f"""select subject, interaction_kind, interaction_group, direction,
                completed_at::varchar, completed_at_source, cancelled_at::varchar,
                client_id = 'sql:{guid("vasilek")}'
            from interactions
            where interaction_id like 'sql:%' and raw_type = 'СообщениеSMS' order by 1""",
    ) == [
        (
            *("lost sms", "message", "correspondence", "out"),
            *(None, None, "2026-03-21 05:00:00", None),
        ),
        (
            *("sms", "message", "correspondence", "out"),
            *("2026-03-22 07:00:00", "inferred", None, True),
        ),
    ]


def test_key_figures_of_the_month(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        f"""select interaction_kind, interaction_count, conversation_count, attempt_count,
                call_minutes, meeting_minutes
            from rpt_interaction_kpis
            where period_kind = 'month' and attribution = 'performer'
                and manager_id = 'sql:{guid("anna")}' and interaction_group = 'all'
                and interaction_kind in ('call', 'meeting') order by 1""",
    ) == [("call", 3, 2, 1, Decimal("17.08"), 0), ("meeting", 1, 0, 0, 0, 45)]
    assert rows(
        marts,
        """select opening_client_count, new_client_count, lost_client_count, merged_client_count,
               closing_client_count
           from rpt_client_growth
           where period_kind = 'month' and characteristic = 'all'""",
    ) == [(6, 2, 2, 2, 4)]
    assert rows(
        marts,
        """select split_part(manager_id, ':', 1), sum(planned_count), sum(fact_count)
           from rpt_plan_fulfilment
           where period_kind = 'month' and manager_id like '%:%' and row_kind = 'line'
           group by 1 order by 1""",
    ) == [("odata", 2, 4), ("sql", 2, 4)]


# Sources that are read wrongly, or in two ways.


def installed(home: Path, sources: str) -> Installation:
    """Return an installation with these sources only."""
    return Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, sources))})


WITHOUT_SETTING = """[sources.sql]
crm = "onec"
timezone = "Europe/Moscow"

"""


def test_without_the_setting_shifted_rows_are_in_quarantine(tmp_path: Path) -> None:
    installation = installed(tmp_path, WITHOUT_SETTING)
    numbered = line("meeting", 1, CLIENT, "romashka") | {"Контакт_Type": "0x0000004D"}
    tables: Tables = {
        "Catalog_Партнеры": [
            partner("shifted", at("2026-03-05")),
            partner("plain", Unshifted(at("2026-03-05")), ДатаАрхивации="", ДатаОбъединения=""),
            partner("numbered", Unshifted(at("2026-03-05")), ЮрФизЛицо=binary(guid("person"))),
        ],
        "Catalog_Пользователи": [user("anna", "Анна")],
        "Document_Встреча_Участники": [numbered],
        "Document_ТелефонныйЗвонок": [call("talk", "2026-03-17 15:00", timedelta(minutes=15))],
    }
    write_load(installation.raw, "sql", APRIL, written(tables, sql), crm="onec")
    installation.build("2026-03")
    remedy = "is in year 4026 or so: set year_offset = 2000 for this source"
    number = "is a number of the database: select the name that it stands for"
    with installation.canonical() as db:
        found = rows(db, "select table_name, line_number, reason from quarantine order by 1, 2")
        clients = rows(db, "select client_id from clients")
    assert found == [
        ("Catalog_Партнеры", 2, f"ДатаРегистрации {remedy}"),
        ("Catalog_Партнеры", 4, f"ЮрФизЛицо {number}"),
        ("Catalog_Пользователи", 2, f"ДатаПриема {remedy}"),
        ("Document_Встреча_Участники", 2, f"Контакт_Type {number}"),
        (
            "Document_ТелефонныйЗвонок",
            2,
            "; ".join(
                [
                    *(
                        f"{column} {remedy}"
                        for column in ("Date", "ФактическоеНачало", "ДатаЗавершения")
                    ),
                    "ЗатраченноеВремя is not a time of day on 0001-01-01 (2001-01-01 with "
                    "year_offset = 2000)",
                ]
            ),
        ),
    ]
    assert clients == [(f"sql:{guid('plain')}",)]


BOTH_IN_TURN = WITHOUT_SETTING.replace("crm =", "year_offset = 2000\ncrm =")


def test_a_source_may_change_from_one_form_to_the_other(tmp_path: Path) -> None:
    installation = installed(tmp_path, BOTH_IN_TURN)
    write_load(installation.raw, "sql", MARCH, written(company(), odata), crm="onec")
    write_load(installation.raw, "sql", APRIL, written(company(), lower_sql), crm="onec")
    installation.build("2026-03")
    with installation.canonical() as db:
        counted = rows(
            db,
            """select count(*), count(distinct client_id), count(region),
                   count(*) filter (is_deleted) from clients""",
        )
        assert counted == [(5, 5, 5, 0)]
        # Every row anew, and nothing changed.
        assert rows(db, "select count(*) from client_versions") == [(10,)]
        assert rows(db, "select count(*) from interaction_changes") == [(0,)]
        assert rows(db, "select count(*), count(distinct valid_from) from client_assignments") == [
            (4, 3)
        ]
        assert rows(db, "select count(*) from interactions where not is_deleted") == [(11,)]
        assert rows(db, "select team, count(*) from managers group by 1 order by 1") == [
            ("Продажи", 2),
            (None, 1),
        ]


def lower_sql(value: Any) -> str:
    """Return a cell of MS SQL with binary values in small letters and without 0x."""
    cell = sql(value)
    return cell.removeprefix("0x").lower() if isinstance(value, uuid.UUID) else cell
