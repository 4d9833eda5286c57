"""Two offices on 1C and a shop on Dolibarr at once: same native ids, characteristics, merges."""

import json
from collections.abc import Iterator

import duckdb
import pytest

from tests.conftest import Installation
from tests.crm_files import CALLS, PARTNERS, USERS, project_settings, settings_environment
from tests.samples import Row, Rows, write_load

pytestmark = pytest.mark.slow
SOURCES = """[sources.north]
crm = "onec"
timezone = "Europe/Moscow"
[sources.north.characteristics]
loyalty = {column = "Лояльность"}
interests = {column = "Интересы", separator = ";"}

[sources.east]
crm = "onec"
timezone = "Asia/Vladivostok"
[sources.east.characteristics]
loyalty = {column = "ПрограммаЛояльности"}

[sources.shop]
crm = "dolibarr"
timezone = "UTC"
characteristics = {loyalty = {column = "customer_rate"}}

"""
SEPTEMBERS, OCTOBERS = "2026-10-02T00:10:00Z", "2026-11-02T00:10:00Z"  # loads that close these
ANN = {"Ref_Key": "1", "Description": "Анна"}
CLIENT = {
    "Description": "Магазин",
    "Клиент": "true",
    "ОсновнойМенеджер_Key": "1",
    "ДатаРегистрации": "2026-05-01T00:00:00",
}
# Entered at midnight by the office's own clock: by Moscow's, the east's is of the day before.
CALL = {
    "Ref_Key": "7",
    "Date": "2026-09-01T00:00:00",
    "Ответственный_Key": "1",
    "Состояние": "Завершено",
    "ДатаЗавершения": "2026-09-01T06:00:00",
    "ФактическоеНачало": "2026-09-01T06:00:00",
    "ВидВзаимодействия": "Консультация",
    "АбонентКонтакт": "1",
    "АбонентКонтакт_Type": "StandardODATA.Catalog_Партнеры",
}


def client(number: int, **cells: str) -> dict[str, str]:
    return {**CLIENT, "Ref_Key": str(number), **cells}


def merged(number: int, into: int, at: str) -> dict[str, str]:
    return client(number, ОбъединенС_Key=str(into), ДатаОбъединения=at)


NORTH = {
    SEPTEMBERS: [
        # 1 went into 2 and 2 into 3 before September ended; all three were clients.
        merged(1, 2, "2026-09-10T00:00:00"),
        merged(2, 3, "2026-09-20T00:00:00"),
        client(3, Лояльность="gold", Интересы="tea; coffee"),
        client(4, Лояльность="silver", Интересы=""),
    ],
    OCTOBERS: [
        merged(1, 2, "2026-09-10T00:00:00"),
        merged(2, 3, "2026-09-20T00:00:00"),
        client(3, Лояльность="gold", Интересы="coffee;cocoa"),
        # Merged on 3 October, after September was closed.
        {**merged(4, 3, "2026-10-03T00:00:00"), "Лояльность": "silver"},
    ],
}
EAST = {load: [client(1, ПрограммаЛояльности="bronze")] for load in (SEPTEMBERS, OCTOBERS)}
SHOP: dict[str, Rows] = {
    "llx_societe": [
        {
            "rowid": 1,
            "nom": "Kiosk",
            "client": 1,
            "datec": "2026-05-01 09:00:00",
            "customer_rate": "5",
        },
    ],
    "llx_user": [{"rowid": 1, "login": "ann", "lastname": "Ann", "statut": 1}],
    "llx_c_actioncomm": [{"id": 5, "code": "AC_TEL"}],
    "llx_actioncomm": [
        {
            "id": 7,
            "fk_action": 5,
            "percent": 100,
            "datep": "2026-09-01 10:00:00",
            "fk_soc": 1,
            "fk_user_action": 1,
        }
    ],
    "llx_societe_commerciaux": [{"fk_soc": 1, "fk_user": 1}],
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """September closed, then October's loads delivered and October closed."""
    home = tmp_path_factory.mktemp("company")
    environment = settings_environment(home, SOURCES)
    named = [*project_settings().rules.segment_characteristics, "interests", "loyalty"]
    environment["CRM_MARTS_RULES__SEGMENT_CHARACTERISTICS"] = json.dumps(named)
    found = Installation(home, environment)
    for load, month in ((SEPTEMBERS, "2026-09"), (OCTOBERS, "2026-10")):
        for source, partners in (("north", NORTH[load]), ("east", EAST[load])):
            tables = {USERS: [ANN], CALLS: [CALL], PARTNERS: partners}
            write_load(found.raw, source, load, tables, crm="onec")
        write_load(found.raw, "shop", load, SHOP, crm="dolibarr")
        found.close(month)
    return found


@pytest.fixture(scope="module")
def marts(company: Installation) -> Iterator[duckdb.DuckDBPyConnection]:
    with company.published() as db:
        yield db


def rows(db: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found: list[Row] = db.execute(sql).fetchall()
    return found


def test_same_native_ids_do_not_meet(marts: duckdb.DuckDBPyConnection) -> None:
    calls = "select interaction_id, client_id, performer_id from fct_interactions order by 1"
    assert rows(marts, calls) == [
        # The east's is of 31 August by the business's clock.
        ("north:7", "north:3", "north:1"),  # of the survivor of two merges
        ("shop:7", "shop:1", "shop:1"),
    ]
    clients = "select client_id from dim_clients where client_id like '%:1' order by 1"
    assert rows(marts, clients) == [("east:1",), ("north:1",), ("shop:1",)]


def test_each_source_has_its_own_clock(company: Installation) -> None:
    with company.canonical() as db:
        assert rows(
            db, "select interaction_id, created_at::varchar from interactions order by 1"
        ) == [
            ("east:7", "2026-08-31 14:00:00"),
            ("north:7", "2026-08-31 21:00:00"),
            ("shop:7", "2026-09-01 10:00:00"),
        ]


def test_a_chain_of_merges_counts_once(marts: duckdb.DuckDBPyConnection) -> None:
    growth = """select strftime(period_start, '%Y-%m'), opening_client_count, new_client_count,
                    lost_client_count, merged_client_count, closing_client_count
                from rpt_client_growth
                where period_kind = 'month' and characteristic = 'all' order by 1"""
    assert rows(marts, growth) == [
        ("2026-09", 6, 0, 0, 2, 4),
        ("2026-10", 4, 0, 0, 1, 3),  # north:4 went into north:3 on 3 October
    ]


def test_further_columns_are_characteristics(company: Installation) -> None:
    with company.canonical() as db:
        assert rows(
            db,
            """select client_id, characteristic, value, valid_from::varchar, valid_to::varchar
               from client_characteristics
               where characteristic in ('loyalty', 'interests') order by all""",
        ) == [
            ("east:1", "loyalty", "bronze", None, None),
            ("north:3", "interests", "cocoa", "2026-11-02 00:10:00", None),
            ("north:3", "interests", "coffee", None, None),
            ("north:3", "interests", "tea", None, "2026-11-02 00:10:00"),
            ("north:3", "loyalty", "gold", None, None),
            ("north:4", "loyalty", "silver", None, None),
            ("shop:1", "loyalty", "5", None, None),
        ]


def test_characteristics_make_segments(marts: duckdb.DuckDBPyConnection) -> None:
    segments = """select strftime(close_month, '%Y-%m'), combination, value_1, client_count
                  from rpt_segment_sizes
                  where combination in ('interests', 'loyalty') and client_count > 0
                  order by all"""
    assert rows(marts, segments) == [
        ("2026-09", "interests", "coffee", 1),
        ("2026-09", "interests", "tea", 1),
        ("2026-09", "interests", "unknown", 3),
        ("2026-09", "loyalty", "5", 1),
        ("2026-09", "loyalty", "bronze", 1),
        ("2026-09", "loyalty", "gold", 1),
        ("2026-09", "loyalty", "silver", 1),
        ("2026-10", "interests", "coffee", 1),
        ("2026-10", "interests", "tea", 1),
        ("2026-10", "interests", "unknown", 2),
        ("2026-10", "loyalty", "5", 1),
        ("2026-10", "loyalty", "bronze", 1),
        ("2026-10", "loyalty", "gold", 1),
    ]


def test_a_merge_after_the_close_leaves_the_closed_month(company: Installation) -> None:
    # Last, for it leaves September's work tables.
    again = company.run("close", "2026-09")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "2026-09: unchanged" in again.stdout
