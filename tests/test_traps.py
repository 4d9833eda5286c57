"""The traps of real CRMs' data, each a fixture of its own source and a test; all in one March."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Installation
from tests.samples import Row, Rows, write_config, write_load

pytestmark = pytest.mark.slow
FIRST, MIDDLE, LAST = "2026-03-02T00:00:00Z", "2026-03-20T00:00:00Z", "2026-04-02T06:00:00Z"
Tables = dict[str, Path | Rows]


@dataclass(frozen=True)
class Trap:
    """A source with one trap: `loads` are tables by moment; what a load lacks is as in the last."""

    crm: str
    tables: Tables
    earlier: dict[str, Tables] = field(default_factory=dict)
    options: str = ""
    partial: tuple[str, ...] = ()  # loads that are incremental

    def deliver(self, raw: Path, name: str) -> None:
        for moment in (*self.earlier, LAST):
            tables = {**self.tables, **self.earlier.get(moment, {})}
            whole = moment not in self.partial
            write_load(raw, name, moment, tables, crm=self.crm, complete=whole)


ANN, BOB, EVE = ({"manager_id": n, "full_name": name} for n, name in enumerate("abc", start=1))
TEAM: Rows = [ANN, BOB, EVE]
OLD = {"registered_at": "2020-01-01 10:00:00"}


def clients(*ids: str) -> Rows:
    return [{"client_id": name, "client_name": name, **OLD} for name in ids]


def done(number: int, kind: str, at: str, until: str = "", **cells: object) -> dict[str, object]:
    """A completed interaction with client a by manager 1, unless the cells say otherwise."""
    return {
        "interaction_id": number,
        "interaction_kind": kind,
        "created_at": at,
        "actual_start_at": at,
        "actual_end_at": until,
        "completed_at": until or at,
        "client_id": "a",
        "responsible_manager_id": 1,
        **cells,
    }


def company(*interactions: dict[str, object], **tables: Rows) -> Tables:
    base: Tables = {"managers": TEAM, "clients": clients("a"), "interactions": [*interactions]}
    return {**base, **tables}


USER = {"ID": "1", "ACTIVE": "true", "NAME": "Ann", "USER_TYPE": "employee"}
FIRM = {"ID": "5", "TITLE": "Firm", "COMPANY_TYPE": "CUSTOMER", "ASSIGNED_BY_ID": "1"}
FIRM |= {"DATE_CREATE": "2020-01-01T10:00:00+03:00"}
ACTIVITY = {
    "ID": "9",
    "OWNER_TYPE_ID": "4",
    "OWNER_ID": "5",
    "TYPE_ID": "1",
    "CREATED": "2026-03-01T10:00:00+03:00",
    "START_TIME": "2026-05-20T10:00:00+03:00",
    "END_TIME": "2026-05-20T11:00:00+03:00",
    "COMPLETED": "N",
    "STATUS": "1",
    "RESPONSIBLE_ID": "1",
    "COMMUNICATIONS": "[]",
}


def portal(*activities: dict[str, str], **cells: str) -> Tables:
    return {"user": [USER], "crm_company": [{**FIRM, **cells}], "crm_activity": [*activities]}


SEEN_DONE = {**ACTIVITY, "COMPLETED": "Y", "STATUS": "2"}
SF = {"name": "x", "is_active": "true", "created_date": "2020-01-01 10:00:00"}
EVENT = {
    "owner_id": "005A",
    "account_id": "001A",
    "type": "Meeting",
    "start_date_time": "2026-03-10 10:00:00",
    "end_date_time": "2026-03-10 10:30:00",
    "duration_in_minutes": "30",
    "created_date": "2026-03-01 10:00:00",
    "is_group_event": "true",
}
ONEC_CLIENT = "0x" + "A1" * 16
TRAPS = {
    "t01_years_plus_2000": Trap(
        "onec",
        {
            "Catalog_Партнеры": [
                {
                    "Ref_Key": ONEC_CLIENT,
                    "Description": "Shifted",
                    "Клиент": "0x01",
                    "DeletionMark": "0x00",
                    "ДатаРегистрации": "4025-03-05 10:00:00",
                    "ДатаАрхивации": "2001-01-01 00:00:00",
                    "ОсновнойМенеджер_Key": "0x" + "00" * 16,
                },
                {
                    "Ref_Key": "0x" + "B2" * 16,
                    "Description": "Plain",
                    "Клиент": "0x01",
                    "ДатаРегистрации": "2025-03-06 10:00:00",
                },
            ],
            "Document_ТелефонныйЗвонок": [
                {
                    "Ref_Key": "0x" + "C3" * 16,
                    "Date": "4026-03-31 23:30:00",
                    "Состояние": "Завершено",
                    "ФактическоеНачало": "4026-03-31 23:30:00",
                    "ДатаЗавершения": "4026-03-31 23:45:00",
                    "ВидВзаимодействия": "Консультация",
                    "ЗатраченноеВремя": "2001-01-01 00:15:00",
                    "АбонентКонтакт": ONEC_CLIENT,
                    "АбонентКонтакт_Type": "Справочник.Партнеры",
                }
            ],
        },
        # The office's clock is three hours ahead of the business's.
        options='timezone = "Asia/Yekaterinburg"\nyear_offset = 2000',
    ),
    "t02_overdue_is_no_status": Trap(
        "plain_files",
        company(
            {
                **done(1, "task", "2026-03-01 10:00:00"),
                **{"actual_start_at": "", "completed_at": "", "deadline_at": "2026-03-10"},
            }
        ),
    ),
    "t03_no_completion_time": Trap(
        "bitrix24",
        portal({**SEEN_DONE, "SUBJECT": "edited", "LAST_UPDATED": "2026-04-01T10:00:00+03:00"}),
        {
            FIRST: portal(ACTIVITY),
            MIDDLE: portal({**SEEN_DONE, "LAST_UPDATED": "2026-03-19T10:00:00+03:00"}),
        },
    ),
    "t04_gone_before_its_start": Trap("bitrix24", portal(), {FIRST: portal(ACTIVITY)}),
    "t04_missing_from_a_part": Trap(
        "bitrix24",
        portal(ACTIVITY),
        {FIRST: portal(ACTIVITY), MIDDLE: portal()},
        partial=(MIDDLE,),
    ),
    "t05_last_activity_of_the_vendor": Trap(
        "bitrix24",
        portal(
            ACTIVITY,
            LAST_ACTIVITY_TIME="2026-03-25T10:00:00+03:00",
            LAST_COMMUNICATION_TIME="2026-03-25T10:00:00+03:00",
        ),
    ),
    "t06_many_parties": Trap(
        "plain_files",
        company(
            done(1, "meeting", "2026-03-10 10:00:00", "2026-03-10 11:00:00"),
            clients=clients("a", "b"),
            interaction_parties=[
                {"interaction_id": 1, "party_kind": "client", "party_id": "b"},
                {"interaction_id": 1, "party_kind": "manager", "party_id": "2"},
            ],
        ),
    ),
    "t07_owners_change": Trap(
        "plain_files",
        company(
            done(1, "call", "2026-03-10 10:00:00", responsible_manager_id=3),
            client_assignments=[
                {"client_id": "a", "manager_id": 1, "valid_to": "2026-03-16"},
                {"client_id": "a", "manager_id": 2, "valid_from": "2026-03-16"},
            ],
        ),
    ),
    "t08_chain_of_merges": Trap(
        "plain_files",
        company(
            done(1, "call", "2026-03-05 10:00:00"),
            done(2, "call", "2026-03-05 11:00:00", client_id="d"),
            clients=clients("a", "b", "c", "d"),
            client_merges=[
                {"losing_client_id": "a", "surviving_client_id": "b", "merged_at": "2026-03-10"},
                {"losing_client_id": "b", "surviving_client_id": "c", "merged_at": "2026-03-20"},
                # When March is over: it leaves March as it was.
                {"losing_client_id": "d", "surviving_client_id": "c", "merged_at": "2026-04-01"},
            ],
        ),
    ),
    "t09_days_without_24_hours": Trap(
        "plain_files",
        company(
            done(1, "meeting", "2026-03-10", "2026-03-11", is_all_day="true"),
            # Clocks go from 2 to 3: one hour.
            done(2, "meeting", "2026-03-29 01:30:00", "2026-03-29 03:30:00"),
            done(3, "meeting", "2026-03-11 10:00:00", "2026-03-11 09:00:00"),
            done(4, "meeting", "2026-03-12 10:00:00"),
        ),
    ),
    "t10_attempts": Trap(
        "plain_files",
        company(
            done(1, "call", "2026-03-10 10:00:00", answered="false"),
            done(2, "call", "2026-03-10 10:00:00", talk_seconds=9),
            done(3, "call", "2026-03-10 10:00:00", talk_seconds=10),
            done(4, "call", "2026-03-10 10:00:00"),
        ),
    ),
    "t10_minutes_and_hours": Trap(
        "odoo",
        {
            "crm_phonecall": [
                {"id": "1", "date": "2026-03-10 10:00:00", "state": "done", "duration": "2.3"}
            ],
            "calendar_event": [
                {
                    **{"id": "1", "start": "2026-03-10 8:00:00", "stop": "2026-03-10 09:30:00"},
                    **{"duration": "1.75", "allday": "0", "state": "open", "active": "1"},
                }
            ],
        },
        options='timezone = "UTC"',
    ),
    "t10_milliseconds": Trap(
        "hubspot",
        {
            "engagement_call": [
                {
                    "engagement_id": "1",
                    "property_hs_timestamp": "2026-03-10 10:00:00",
                    "property_hs_createdate": "2026-03-10 10:00:00",
                    "property_hs_call_status": "COMPLETED",
                    "property_hs_call_duration": "138000",
                }
            ],
            "engagement": [{"id": "1", "type": "CALL"}],
        },
    ),
    "t11_copies_and_days": Trap(
        "salesforce",
        {
            "user": [{**SF, "id": "005A"}, {**SF, "id": "005B"}],
            "account": [{**SF, "id": "001A", "type": "Customer", "owner_id": "005A"}],
            "event": [
                {**EVENT, "id": "00U1", "is_child": "false"},
                {**EVENT, "id": "00U2", "is_child": "true", "owner_id": "005B"},
            ],
            "task": [
                {
                    "id": "00T1",
                    "owner_id": "005A",
                    "account_id": "001A",
                    "task_subtype": "Task",
                    "status": "Not Started",
                    "is_closed": "false",
                    "activity_date": "2026-03-31 00:00:00",
                    "created_date": "2026-03-01 10:00:00",
                }
            ],
        },
    ),
    "t12_history_starts_somewhere": Trap(
        "plain_files",
        company(
            done(1, "call", "2026-03-10 10:00:00"),
            clients=[{"client_id": "a", "client_name": "a"}],
        ),
        {FIRST: {}},
    ),
    "t13_late_and_future": Trap(
        "plain_files",
        company(
            # Entered on 1 April for 30 March, known when March is closed.
            done(1, "call", "2026-03-30 10:00:00", created_at="2026-04-01 10:00:00"),
            done(2, "task", "2026-03-05 10:00:00", completed_at="2031-01-01", actual_start_at=""),
        ),
    ),
    "t14_files_as_people_send_them": Trap(
        "plain_files",
        company(
            done(
                *(1, "call", "05.03.2026 8:05"),
                talk_seconds="90,4",
                subject="Ёжик; «в тумане»",
                completed_at="5.3.2026 8:10",
            ),
            clients=[{"client_id": "a", "client_name": "ООО «Ёлка»", "registered_at": "1.2.2020"}],
        ),
        options='timezone = "Europe/Moscow"\nencoding = "cp1251"\ndelimiter = ";"',
    ),
}


def trap_sources() -> str:
    """The sources of all traps for a settings file."""
    blocks = []
    for name, trap in TRAPS.items():
        zone = "" if "timezone" in trap.options else 'timezone = "Europe/Berlin"\n'
        blocks.append(f'[sources.{name}]\ncrm = "{trap.crm}"\n{zone}{trap.options}\n\n')
    return "".join(blocks)


def spell_as_people_do(raw: Path) -> None:
    """Write the files of trap 14 again as Russian spreadsheets save them.

    One of them has a byte order mark, which decides for itself.
    """
    for path in (raw / "t14_files_as_people_send_them").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        encoding = "utf-8-sig" if path.stem == "clients" else "cp1251"
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=";").writerows(lines)


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """All traps landed, March 2026 built with all its checks, by Berlin's clock."""
    home = tmp_path_factory.mktemp("traps")
    texts = {"business_timezone": "Europe/Berlin", "first_month": "2026-03"}
    config = write_config(home, trap_sources(), **texts)
    found = Installation(home, {"CRM_MARTS_CONFIG": str(config)})
    for name, trap in TRAPS.items():
        trap.deliver(found.raw, name)
    spell_as_people_do(found.raw)
    found.build("2026-03", "resource_type:seed +path:models/canonical +path:models/marts")
    return found


@pytest.fixture(scope="module")
def db(traps: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with traps.canonical() as found:
        building = traps.data / "warehouse" / "building.duckdb"
        found.execute(f"attach '{building}' as building (read_only)")
        yield found


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def facts(db: duckdb.DuckDBPyConnection, trap: str, columns: str) -> list[Row]:
    """Columns of the March facts of one trap."""
    return rows(
        db,
        f"""select replace(interaction_id, '{trap}:', ''), {columns}
            from building.marts.fct_interactions
            where interaction_id like '{trap}:%' order by 1""",
    )


def test_trap_01_years_plus_2000_empty_dates_and_two_clocks(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t01_years_plus_2000"
    assert rows(
        db,
        f"""select client_name, registered_at::varchar, archived_at, responsible_manager_id
            from clients where client_id like '{trap}:%' order by 1""",
    ) == [
        ("Plain", "2025-03-06 05:00:00", None, None),
        ("Shifted", "2025-03-05 05:00:00", None, None),
    ]
    # 23:30 by the office's clock is still March by the business's, with a client and 15 minutes.
    [(_, day, client, minutes)] = facts(
        db, trap, "event_date::varchar, client_id, duration_minutes"
    )
    assert (day, minutes) == ("2026-03-31", Decimal(15))
    assert client == f"{trap}:a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1"


def test_trap_02_overdue_follows_from_deadline_and_moment(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select period_kind, period_start::varchar, overdue_count, open_due_later_count
           from building.marts.rpt_interaction_outcomes
           where manager_id = 't02_overdue_is_no_status:1' and interaction_kind = 'task'
               and period_kind in ('week', 'month') and close_month = '2026-03-01'
               and period_start < '2026-03-15' order by all""",
    ) == [
        ("month", "2026-03-01", 1, 0),
        ("week", "2026-02-23", 0, 1),
        ("week", "2026-03-02", 0, 1),
        ("week", "2026-03-09", 1, 0),
    ]
    states = "select distinct state from interaction_versions order by 1"
    assert rows(db, states) == [("completed",), ("open",)]


def test_trap_03_first_load_that_shows_it_closed(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select completed_at::varchar, completed_at_source, subject from interactions
           where interaction_id like 't03_no_completion_time:%'""",
    ) == [("2026-03-20 00:00:00", "load", "edited")]


def test_trap_04_gone_before_its_start_is_cancelled(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select split_part(interaction_id, ':', 1), cancelled_at::varchar, is_deleted
           from interactions where interaction_id like 't04%' order by 1""",
    ) == [
        ("t04_gone_before_its_start", "2026-04-02 06:00:00", False),
        ("t04_missing_from_a_part", None, False),
    ]


def test_trap_05_last_activity_of_the_vendor_is_no_contact(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select contact_status, no_contact_reason from building.marts.rpt_no_contact_clients
           where client_id like 't05%'""",
    ) == [("no contact", "never contacted")]


def test_trap_06_many_parties_count_once_in_totals(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select interaction_count, client_count, meeting_minutes, person_minutes
           from building.marts.rpt_interaction_kpis
           where manager_id = 't06_many_parties:1' and interaction_kind = 'meeting'
               and interaction_group = 'all' and attribution = 'performer'
               and period_kind = 'month'""",
    ) == [(1, 2, 60, 120)]


def test_trap_07_performer_and_owners(db: duckdb.DuckDBPyConnection) -> None:
    owners = "performer_id, owner_at_event_id, owner_at_period_end_id"
    trap = "t07_owners_change"
    assert facts(db, trap, owners) == [("1", f"{trap}:3", f"{trap}:1", f"{trap}:2")]


def test_trap_08_chains_of_merges(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t08_chain_of_merges"
    assert facts(db, trap, "client_id") == [("1", f"{trap}:c"), ("2", f"{trap}:d")]


def test_trap_09_durations(db: duckdb.DuckDBPyConnection) -> None:
    assert facts(db, "t09_days_without_24_hours", "duration_minutes, duration_state") == [
        ("1", None, "unknown"),
        ("2", Decimal(60), "known"),
        ("3", None, "invalid"),
        ("4", None, "unknown"),
    ]


def test_trap_10_attempts_and_units(db: duckdb.DuckDBPyConnection) -> None:
    assert facts(db, "t10_attempts", "is_attempt, is_conversation, duration_state") == [
        ("1", True, False, None),
        ("2", True, False, None),
        ("3", False, True, "known"),
        ("4", False, True, "unknown"),
    ]
    assert rows(
        db,
        """select interaction_kind, coalesce(talk_seconds, duration_seconds) from interactions
           where interaction_id like 't10_mi%' order by all""",
    ) == [("call", 138), ("call", 138), ("meeting", 6300)]
    # A meeting lasts from its start to its end, whatever duration stands beside.
    assert facts(db, "t10_minutes_and_hours", "duration_minutes")[0][1] == Decimal(90)


def test_trap_11_copies_count_once_and_days_stay(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t11_copies_and_days"
    assert facts(db, trap, "interaction_kind, attendee_count") == [("00U1", "meeting", 2)]
    assert rows(
        db,
        f"""select deadline_at::varchar, deadline_is_date from interactions
            where interaction_id = '{trap}:00T1'""",
    ) == [("2026-03-30 22:00:00", True)]  # midnight of the 31st in Berlin


def test_trap_12_nothing_is_new_by_the_first_load(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t12_history_starts_somewhere"
    assert rows(
        db,
        """select opening_client_count, new_client_count
            from building.marts.rpt_client_growth
            where characteristic = 'all' and period_kind = 'month'""",
    ) == [(*rows(db, "select count(*) from clients where is_client")[0], 0)]
    first = f"""select count(*) from work.intermediate.int_clients__first_contacts
                where client_id = '{trap}:a'"""
    assert rows(db, first) == [(0,)]


def test_trap_13_late_entries_and_completions_to_come(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t13_late_and_future"
    assert ("1", "2026-03-30") in facts(db, trap, "event_date::varchar")
    [(completed_at, source)] = rows(
        db,
        f"""select completed_at::varchar, completed_at_source from interactions
            where interaction_id = '{trap}:2'""",
    )
    assert completed_at < "2026-04-02 06:00:01"
    assert source == "inferred"


def test_trap_13_weeks_across_years(tmp_path: Path) -> None:
    source = '[sources.office]\ncrm = "plain_files"\n\n'
    config = write_config(tmp_path, source, business_timezone="UTC", first_month="2020-12")
    found = Installation(tmp_path, {"CRM_MARTS_CONFIG": str(config)})
    write_load(found.raw, "office", "2021-02-02T00:00:00Z", company(), crm="plain_files")
    found.build("2021-01", "+dim_periods")
    with duckdb.connect(str(found.data / "warehouse" / "building.duckdb"), read_only=True) as db:
        weeks = """select period_start::varchar, period_label, close_month::varchar
                   from marts.dim_periods where period_kind = 'week' order by 1"""
        assert rows(db, weeks)[:2] == [
            ("2020-12-28", "2020-W53", "2021-01-01"),
            ("2021-01-04", "2021-W01", "2021-01-01"),
        ]


def test_trap_14_files_as_people_send_them(db: duckdb.DuckDBPyConnection) -> None:
    trap = "t14_files_as_people_send_them"
    assert rows(
        db,
        f"""select client_name, registered_at::varchar from clients
            where client_id like '{trap}:%'""",
    ) == [("ООО «Ёлка»", "2020-01-31 21:00:00")]
    assert rows(
        db,
        f"""select subject, talk_seconds, created_at::varchar from interactions
            where interaction_id like '{trap}:%'""",
    ) == [("Ёжик; «в тумане»", 90, "2026-03-05 05:05:00")]


def test_nothing_of_it_is_lost_or_in_quarantine(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "select source, table_name, reason from quarantine") == []
    assert json.dumps(sorted({name[1:3] for name in TRAPS})) == json.dumps(
        [f"{number:02}" for number in range(1, 15)]
    )
