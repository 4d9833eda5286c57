"""The vendor's demo company at Dolibarr 3, 5 and 9, taken as three loads of one source."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import CrmMartsError
from orchestration.raw.landing import land
from orchestration.settings import PROJECT_DIR, Settings
from tests.conftest import Installation
from tests.dolibarr_samples import SHOP, answers, deliver
from tests.samples import SAMPLES, Question, Row, write_config, write_load

# The last load's time is the moment of truth.json. The vendor re-dated the demo: a few of its rows
# were entered up to 2018-08-01; nothing in the other two dumps lies after their load.
LOADS = {
    "csv_v3.0.0": "2011-02-15T00:00:00Z",
    "csv_v5.0.0": "2017-05-13T00:00:00Z",
    "csv_v9.0.0": "2018-07-15T00:00:00Z",
}
# In the order of the characteristics prospect_status, company_type, staff_size.
NAMED_BY_THIRD_PARTIES = {
    "llx_c_stcomm": "fk_stcomm",
    "llx_c_typent": "fk_typent",
    "llx_c_effectif": "fk_effectif",
}
QUESTIONS = {
    "clients_per_manager": Question(
        """select coalesce(managers.full_name, '(none)'), count(*)
           from clients
           left join client_assignments on clients.client_id = client_assignments.client_id
               and client_assignments.valid_to is null
           left join managers on client_assignments.manager_id = managers.manager_id
           where clients.is_client and not clients.is_deleted
           group by 1""",
        difference="Managers go by name, not login. is_client counts prospects (client = 2) as "
        "well; at version 9 no third party is a mere prospect.",
        takes_out=(
            ("admin", 1),
            ("aeinstein", 1),
            ("ccommerson", 1),
            ("demo", 2),
            ("pcurie", 1),
        ),
        puts_in=(
            ("Alice Adminson", 1),
            ("Albert Einstein", 1),
            ("Commerson Charle1", 1),
            ("David Doe", 2),
            ("Pierre Curie", 1),
        ),
    ),
    "meetings_calls": Question(
        """select raw_type, count(*), count(planned_end_at),
               coalesce(sum(epoch(planned_end_at - planned_start_at)), 0) / 60
           from interactions
           where raw_type in ('AC_EMAIL', 'AC_FAX', 'AC_RDV', 'AC_TEL')
           group by 1""",
        difference="durationp is the duration of completed events; planned minutes of all are end "
        "minus start, which is the same in this data.",
    ),
    "percent": Question(
        """select case when completed_at is null then '0' else '100' end, count(*)
           from interactions
           where not is_auto
           group by 1""",
        difference="The contract has states, not percents. Of the 33 events without a state (-1) "
        "31 lie before the load, so are completed; two are to come (236 and 238), so open.",
        takes_out=(("-1", 33), ("0", 3), ("100", 20)),
        puts_in=(("0", 5), ("100", 51)),
    ),
    "by_month": Question(
        """select strftime(planned_start_at, '%Y-%m'), raw_type, count(*)
           from interactions
           where interaction_kind in ('meeting', 'call')
           group by 1, 2"""
    ),
    "overdue": Question(
        """select raw_type, count(*)
           from interactions
           where interaction_kind in ('meeting', 'call')
               and completed_at is null and cancelled_at is null
               and deadline_at < timestamp '2018-07-15'
           group by 1""",
        difference="Overdue follows from the deadline, here the planned end, else the start.",
    ),
    "orphan_clients": Question(
        """select count(*), count(distinct coalesce(dangling_client_id, client_id))
           from interactions
           left join clients using (client_id)
           where dangling_client_id is not null or clients.is_deleted""",
        difference="A client that an earlier load had (8 and 9, gone at version 5) is known and "
        "deleted; one that no load had dangles. Together they are the truth's orphans.",
    ),
    "contacts_per_position": Question(
        """select coalesce(position, '(none)'), count(*)
           from client_contact_persons
           where valid_to is null
           group by 1""",
        difference="A position is held with a client; the five persons without one (a baker and "
        "four without position) hold none.",
        takes_out=(("(none)", 4), ("Baker", 1)),
    ),
    "contacts_without_client": Question(
        """select count(*)
           from contact_persons
           where not is_deleted and person_id not in (
               select person_id from client_contact_persons where valid_to is null)"""
    ),
    "participants": Question(
        """select count(*) from (
               select interaction_id from interaction_parties
               where party_kind = 'manager'
               group by 1 having count(*) > 1)"""
    ),
}


def shop_installation(home: Path) -> Installation:
    """One Dolibarr source below `home`."""
    return Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, SHOP))})


def shop_settings(installation: Installation) -> Settings:
    """Settings as the commands of the installation see them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in installation.environment().items():
            patch.setenv(name, value)
        return Settings()  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Three loads landed, the canonical layer built for June 2018."""
    installation = shop_installation(tmp_path_factory.mktemp("dolibarr"))
    for dump, extracted_at in LOADS.items():
        deliver(installation.raw, dump, extracted_at)
    installation.build("2018-06")
    return installation


@pytest.fixture(scope="module")
def db(shop: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the vendor's demo."""
    with shop.canonical() as connection:
        yield connection


@pytest.fixture(scope="module")
def truth() -> dict[str, list[Row]]:
    """Answers of truth.json by question."""
    return answers()


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def test_every_question_is_asked(truth: dict[str, list[Row]]) -> None:
    assert set(truth) == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_the_truth(
    db: duckdb.DuckDBPyConnection, truth: dict[str, list[Row]], name: str
) -> None:
    question = QUESTIONS[name]
    assert sorted(rows(db, question.sql)) == question.expected(truth[name])


def test_every_delivered_row_is_accounted_for(db: duckdb.DuckDBPyConnection) -> None:
    staged = " union all ".join(
        f"select _load_id, '{table}' as table_name, quarantine_reason from work.staging.{model}"
        for model, table in staged_tables().items()
    )
    loads = rows(
        db,
        f"""select loads.load_id, loads.table_name, delivered_count,
                unchanged_count + exact_duplicate_count + rejected_count,
                count(staged._load_id), count(staged.quarantine_reason)
            from work.staging.stg_landing__loads as loads
            left join ({staged}) as staged
                on loads.load_id = staged._load_id and loads.table_name = staged.table_name
            group by all""",
    )
    assert len(loads) == 39  # 11 tables at version 3, 14 at versions 5 and 9
    for load_id, table, delivered, kept, staged_count, quarantined in loads:
        assert delivered == kept + staged_count, (load_id, table)
        assert quarantined == 0, (load_id, table)
    assert rows(db, "select * from quarantine") == []


def staged_tables() -> dict[str, str]:
    """Raw table of each staging model."""
    folder = PROJECT_DIR / "dbt_project/models/staging/dolibarr"
    tables = {}
    for path in folder.glob("stg_*.sql"):
        match = re.search(r"raw_versions\('dolibarr', '(\w+)'\)", path.read_text("utf-8"))
        assert match, path
        tables[path.stem] = match[1]
    return tables


def test_no_row_is_multiplied_on_the_way_to_the_contract(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(db, "select count(*) from interactions where not is_deleted") == [(189,)]
    assert rows(db, "select count(*) from clients where not is_deleted") == [(15,)]
    assert rows(db, "select count(*) from clients where is_deleted") == [(2,)]
    assert rows(db, "select count(*) from managers") == [(13,)]
    assert rows(
        db,
        """select party_kind, count(*) from interaction_parties group by 1 order by 1""",
    ) == [("client", 175), ("manager", 193), ("person", 4)]


def test_edits_between_the_dumps_are_changes(db: duckdb.DuckDBPyConnection) -> None:
    changes = rows(
        db,
        """select field, count(*), min(changed_at)::varchar from interaction_changes
           group by 1 order by 1""",
    )
    assert [field for field, _, _ in changes] == ["deadline", "planned_start", "status"]
    # Two events without a state, seen in the past at version 5, were moved to after the last load.
    assert rows(
        db,
        """select interaction_id, old_value, new_value from interaction_changes
           where field = 'status' order by 1""",
    ) == [("shop:236", "completed", "open"), ("shop:238", "completed", "open")]


def test_assignments_start_with_the_load_that_shows_them(db: duckdb.DuckDBPyConnection) -> None:
    # Between these dumps no pair ended.
    assert rows(
        db,
        """select valid_from::varchar, valid_to, count(*) from client_assignments
           group by all order by 1 nulls first""",
    ) == [(None, None, 2), ("2017-05-13 00:00:00", None, 6)]


def test_a_tag_taken_away_ends_with_the_load_without_it(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select client_id, valid_from::varchar, valid_to::varchar from client_characteristics
           where characteristic = 'category' and valid_to is not null order by 1, 2 nulls first""",
    ) == [
        ("shop:19", "2017-05-13 00:00:00", "2018-07-15 00:00:00"),
        ("shop:2", None, "2017-05-13 00:00:00"),
        ("shop:2", "2017-05-13 00:00:00", "2018-07-15 00:00:00"),
    ]


def test_a_client_has_all_the_characteristics_that_its_row_names(
    db: duckdb.DuckDBPyConnection,
) -> None:
    counts = """select count(distinct client_id) filter (characteristic = 'prospect_status'),
                    count(distinct client_id) filter (characteristic = 'company_type'),
                    count(distinct client_id) filter (characteristic = 'staff_size')
                from client_characteristics join clients using (client_id)
                where not clients.is_deleted"""
    named = []
    dump = SAMPLES / "dolibarr" / "csv_v9.0.0"
    for dictionary, column in NAMED_BY_THIRD_PARTIES.items():
        named += db.sql(
            f"""select count(*)
                from read_csv('{dump}/llx_societe.csv', all_varchar = true) as parties
                join read_csv('{dump}/{dictionary}.csv', all_varchar = true) as listed
                    on parties.{column} = listed.id
                where listed.libelle <> '-'"""  # nothing is known
        ).fetchall()
    assert rows(db, counts) == [tuple(count for (count,) in named)]
    assert all(count > 0 for (count,) in named)


def test_log_rows_are_no_contacts(db: duckdb.DuckDBPyConnection) -> None:
    # 132 rows of the log, and one that a user edited to 50 %.
    assert rows(
        db,
        """select raw_type, interaction_kind, completed_at is not null, count(*)
           from interactions where is_auto group by all order by 3""",
    ) == [("AC_OTH_AUTO", "note", False, 1), ("AC_OTH_AUTO", "note", True, 132)]


def test_completed_events_are_dated_by_their_start(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select interaction_id, actual_start_at::varchar, completed_at_source, duration_seconds
           from interactions
           where interaction_kind = 'meeting' and completed_at is not null order by 1""",
    ) == [
        ("shop:144", "2015-02-27 10:00:00", "inferred", 33600),
        ("shop:222", "2016-03-05 10:00:00", "inferred", None),
        ("shop:234", "2018-07-05 10:00:00", "inferred", 4740),
    ]


def test_events_of_unknown_clients_live_on(db: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        db,
        """select count(*), count(distinct dangling_client_id), bool_or(is_deleted)
           from interactions where dangling_client_id is not null""",
    ) == [(20, 15, False)]


def test_landing_the_same_loads_again_changes_nothing(shop: Installation) -> None:
    settings = shop_settings(shop)
    before = {p: p.read_bytes() for p in settings.history_dir.rglob("*") if p.is_file()}
    assert land(settings) == []
    assert {p: p.read_bytes() for p in settings.history_dir.rglob("*") if p.is_file()} == before


def test_landing_out_of_order_is_refused(tmp_path: Path) -> None:
    settings = shop_settings(shop_installation(tmp_path))
    deliver(settings.raw_dir, "csv_v5.0.0", LOADS["csv_v5.0.0"])
    land(settings)
    deliver(settings.raw_dir, "csv_v3.0.0", LOADS["csv_v3.0.0"])
    with pytest.raises(CrmMartsError, match="in the order of their extraction"):
        land(settings)


# Three monthly loads of a company made up for what the demo never shows: by load and table, the
# filled columns of each row.
MAY, JUNE, JULY = "2026-05-02T00:00:00Z", "2026-06-02T00:00:00Z", "2026-07-02T03:30:00Z"
CALL = {"id": 1, "fk_action": 1, "percent": -1, "datep": "2026-05-20 10:00:00"}
MEETING = {"id": 2, "fk_action": 5, "percent": 0, "datep": "2026-05-10 10:00:00", "durationp": 900}
LATER = {"id": 3, "fk_action": 5, "percent": 0, "datep": "2026-08-01 10:00:00"}
BROKEN = {"id": 4, "fk_action": 5, "percent": 0, "datep": "1 April"}
DONE = {**MEETING, "percent": 100}
OPEN_CLIENT = {"rowid": 1, "nom": "Kiosk", "client": 1, "status": 1, "datec": "2026-01-01 09:00:00"}
CLOSED_CLIENT = {**OPEN_CLIENT, "status": 0}
USER = {"rowid": 1, "login": "ann", "lastname": "Ann", "statut": 1}
GONE_USER = {**USER, "statut": 0}
CONTACT = {"rowid": 1, "lastname": "Eve", "fk_soc": 1, "poste": "Buyer"}
TYPES = [{"id": 1, "code": "AC_TEL"}, {"id": 5, "code": "AC_RDV"}]
PAIR = [{"fk_soc": 1, "fk_user": 1}]
HISTORY: dict[str, dict[str, list[dict[str, Any]]]] = {
    MAY: {
        "llx_actioncomm": [CALL, MEETING, LATER, BROKEN],
        "llx_societe": [OPEN_CLIENT],
        "llx_user": [USER],
        "llx_socpeople": [CONTACT],
        "llx_societe_commerciaux": PAIR,
    },
    JUNE: {
        "llx_actioncomm": [CALL, DONE, LATER],
        "llx_societe": [CLOSED_CLIENT],
        "llx_user": [GONE_USER],
        "llx_socpeople": [{**CONTACT, "fk_soc": 2}],
        "llx_societe_commerciaux": [],
    },
    JULY: {
        "llx_actioncomm": [CALL, {**DONE, "label": "Edited later"}],
        "llx_societe": [{**CLOSED_CLIENT, "nom": "Kiosk, closed"}],
        "llx_user": [{**GONE_USER, "firstname": "Mary"}],
        "llx_socpeople": [{**CONTACT, "fk_soc": 2, "phone": "1"}],
        "llx_societe_commerciaux": PAIR,
    },
}


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Canonical tables of the company made up above, June 2026."""
    installation = shop_installation(tmp_path_factory.mktemp("kiosk"))
    for extracted_at, tables in HISTORY.items():
        given = {"llx_c_actioncomm": TYPES, **tables}
        write_load(installation.raw, "shop", extracted_at, given, crm="dolibarr")
    installation.build("2026-06")
    with installation.canonical() as connection:
        yield connection


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            """select state, known_from::varchar, known_to::varchar, completed_at::varchar
               from interaction_versions where interaction_id = 'shop:1' order by 2""",
            [
                ("open", "2026-05-02 00:00:00", "2026-06-02 00:00:00", None),
                ("completed", "2026-06-02 00:00:00", None, "2026-05-20 10:00:00"),
            ],
            id="without a state, time completes an event that nobody touched",
        ),
        pytest.param(
            """select interaction_id, actual_start_at::varchar, completed_at::varchar,
                   completed_at_source, duration_seconds
               from interactions where completed_at is not null order by 1""",
            [
                ("shop:1", "2026-05-20 10:00:00", "2026-05-20 10:00:00", "inferred", None),
                ("shop:2", "2026-05-10 10:00:00", "2026-06-02 00:00:00", "load", 900),
            ],
            id="seen open, then done: the load completes it, and a later edit does not move that",
        ),
        pytest.param(
            "select interaction_id, cancelled_at::varchar, is_deleted from interactions "
            "where cancelled_at is not null",
            [("shop:3", "2026-07-02 03:30:00", False)],
            id="gone before its start is cancelled",
        ),
        pytest.param(
            "select table_name, reason, left_at::varchar from quarantine",
            [("llx_actioncomm", "datep is not a date", "2026-06-02 00:00:00")],
            id="an unreadable date is quarantined until the row leaves",
        ),
        pytest.param(
            "select client_id, archived_at::varchar from clients",
            [("shop:1", "2026-06-02 00:00:00")],
            id="a later edit does not move the closing of a client",
        ),
        pytest.param(
            "select full_name, left_on::varchar from managers",
            [("Mary Ann", "2026-06-02")],
            id="a later edit does not move the leaving of a manager",
        ),
        pytest.param(
            """select client_id, manager_id, valid_from::varchar, valid_to::varchar
               from client_assignments where not is_deleted order by 3 nulls first""",
            [
                ("shop:1", "shop:1", None, "2026-06-02 00:00:00"),
                ("shop:1", "shop:1", "2026-07-02 03:30:00", None),
            ],
            id="an assignment taken away and given again has two stretches",
        ),
        pytest.param(
            """select client_id, position, valid_from::varchar, valid_to::varchar
               from client_contact_persons where not is_deleted order by 1""",
            [
                ("shop:1", "Buyer", None, "2026-06-02 00:00:00"),
                ("shop:2", "Buyer", "2026-06-02 00:00:00", None),
            ],
            id="a contact that changes the client has two stretches, an edit makes no third",
        ),
    ],
)
def test_rules_that_the_demo_never_shows(
    kiosk: duckdb.DuckDBPyConnection, sql: str, expected: list[Row]
) -> None:
    assert rows(kiosk, sql) == expected
