"""A made-up company in 1C:CRM, as OData returns it and as its MS SQL database holds it."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.raw.declared import declared_tables
from tests.samples import Rows

ZERO = uuid.UUID(int=0)
EMPTY = datetime(1, 1, 1)
CLIENT, PERSON, USER = "Партнеры", "КонтактныеЛицаПартнеров", "Пользователи"
Cell = Callable[[Any], str]
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Unshifted:
    """A date that MS SQL holds without the 2000 years."""

    moment: datetime


@dataclass(frozen=True)
class Catalog:
    """Type of a composite reference."""

    name: str


def guid(name: str) -> uuid.UUID:
    """Return the id of the object that the tests call `name`."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name)


def at(text: str) -> datetime:
    """Return a moment of the office's clock."""
    return datetime.fromisoformat(text)


def binary(value: uuid.UUID) -> str:
    """Return an id as MS SQL shows binary(16): the parts of the GUID in another order."""
    first, second, third, fourth, fifth = str(value).split("-")
    return f"0x{(fourth + fifth + third + second + first).upper()}"


def odata(value: Any) -> str:
    """Return a cell as OData writes it."""
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat()
        case Unshifted(moment):
            return moment.isoformat()
        case timedelta():
            return (EMPTY + value).isoformat()
        case Catalog(name):
            return f"StandardODATA.Catalog_{name}"
    return str(value)


def sql(value: Any) -> str:
    """Return a cell as a SELECT from MS SQL writes it."""
    match value:
        case bool():
            return "0x01" if value else "0x00"
        case datetime():
            return sql(Unshifted(value.replace(year=value.year + 2000)))
        case Unshifted(moment):
            return f"{moment:%Y-%m-%d %H:%M:%S}.000"
        case timedelta():
            return sql(EMPTY + value)
        case uuid.UUID():
            return binary(value)
    return f"Справочник.{value.name}" if isinstance(value, Catalog) else str(value)


def pages(folder: Path, tables: Tables) -> dict[str, Path]:
    """Write one document per entity set as OData gives it; returns the files."""
    folder.mkdir(parents=True)
    files = {name: folder / f"{name}.json" for name in tables}
    for name, rows in tables.items():
        empty = dict.fromkeys(declared_tables("onec")[name].required, "")
        value = [
            {
                **empty,
                **{column: _json(cell) for column, cell in row.items()},
                "Автор_Key@navigationLinkUrl": f"{name}(guid'{row['Ref_Key']}')/Автор",
            }
            for row in rows
        ]
        address = f"http://office/crm/odata/standard.odata/$metadata#{name}"
        document = {"odata.metadata": address, "value": value}
        files[name].write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return files


def _json(value: Any) -> str | bool:
    return value if isinstance(value, bool) else odata(value)


def written(tables: Tables, cell: Cell) -> Mapping[str, Rows]:
    """Return the tables with every cell written by `cell`."""
    return {
        name: [{column: cell(value) for column, value in row.items()} for row in rows]
        for name, rows in tables.items()
    }


def document(name: str, entered: str, **more: Any) -> dict[str, Any]:
    """Return what meetings, calls and to-dos share; `name` is the id's, Анна's by default."""
    return {
        "Ref_Key": guid(name),
        "DeletionMark": False,
        "Date": at(entered),
        "Автор_Key": guid("anna"),
        "Ответственный_Key": guid("anna"),
        "Тема": name,
        "Состояние": "Завершено",
        "Срок": EMPTY,
        "ДатаЗавершения": EMPTY,
        "ДатаНачала": EMPTY,
        "ФактическоеНачало": EMPTY,
    } | more


def line(name: str, number: int, kind: str, contact: str) -> dict[str, Any]:
    """Return a line of a tabular section of contacts."""
    return {
        "Ref_Key": guid(name),
        "LineNumber": number,
        "Контакт": guid(contact),
        "Контакт_Type": Catalog(kind),
    }


def partner(name: str, registered: datetime | Unshifted, **more: Any) -> dict[str, Any]:
    """Return a client of Анна's."""
    return {
        "Ref_Key": guid(name),
        "DeletionMark": False,
        "Description": name,
        "Parent_Key": ZERO,
        "ЮрФизЛицо": "ЮрЛицо",
        "Клиент": True,
        "ДатаРегистрации": registered,
        "ОсновнойМенеджер_Key": guid("anna"),
        "БизнесРегион_Key": guid("urals"),
        "КлассКлиента": "A",
        "НеКонтактировать": False,
        "ДатаАрхивации": EMPTY,
        "ОбъединенС_Key": ZERO,
        "ДатаОбъединения": EMPTY,
    } | more


def call(name: str, began: str, talked: timedelta, **more: Any) -> dict[str, Any]:
    """Return a call with the client Ромашка."""
    return (
        document(name, began)
        | {
            "Входящий": False,
            "АбонентКонтакт": guid("romashka"),
            "АбонентКонтакт_Type": Catalog(CLIENT),
            "ВидВзаимодействия": "Консультация",
            "ФактическоеНачало": at(began),
            "Конец": EMPTY,
            "Отвечен": True,
            "ЗатраченноеВремя": talked,
            "ДатаЗавершения": at(began),
        }
        | more
    )


def text_message(name: str, state: str, to_be_sent: datetime) -> dict[str, Any]:
    """Return a message that Анна wrote."""
    return {
        "Ref_Key": guid(name),
        "DeletionMark": False,
        "Date": at("2026-03-21 10:00"),
        "Автор_Key": guid("anna"),
        "Ответственный_Key": guid("anna"),
        "Тема": name,
        "Состояние": state,
        "ДатаКогдаОтправить": to_be_sent,
    }


def user(name: str, full_name: str, **more: Any) -> dict[str, Any]:
    """Return a user of the sales department."""
    return {
        "Ref_Key": guid(name),
        "DeletionMark": False,
        "Description": full_name,
        "Недействителен": False,
        "Служебный": False,
        "Подразделение_Key": guid("sales"),
        "ДатаПриема": at("2020-02-03"),
        "ДатаУвольнения": EMPTY,
    } | more


def company() -> Tables:
    """Return all tables as they stand at the beginning of April 2026."""
    letter = {"DeletionMark": False, "Ответственный_Key": guid("anna"), "Тема": "Письмо"}
    return {
        "Catalog_БизнесРегионы": [{"Ref_Key": guid("urals"), "Description": "Урал"}],
        "Catalog_СтруктураПредприятия": [
            {
                "Ref_Key": guid("sales"),
                "Description": "Продажи",
                "ТекущийРуководитель_Key": guid("boris"),
            }
        ],
        "Catalog_Пользователи": [
            user("anna", "Анна"),
            user("boris", "Борис", ДатаУвольнения=at("2026-03-20")),
            user("robot", "Обмен", Служебный=True, Подразделение_Key=ZERO),
        ],
        "Catalog_Партнеры": [
            # Loaded into the database past 1C: its date was never shifted.
            partner("romashka", Unshifted(at("2024-05-06 10:00"))),
            partner("vasilek", at("2026-03-05 14:30"), ЮрФизЛицо="ЧастноеЛицо", КлассКлиента="B"),
            partner(
                "lutik",
                at("2025-01-09"),
                ОбъединенС_Key=guid("romashka"),
                ДатаОбъединения=at("2026-03-10 09:00"),
            ),
            partner("supplier", at("2025-01-09"), Клиент=False, ОсновнойМенеджер_Key=ZERO),
            partner("closed", at("2025-01-09"), ДатаАрхивации=Unshifted(at("2026-03-15"))),
        ],
        "Catalog_КонтактныеЛицаПартнеров": [
            {
                "Ref_Key": guid("petr"),
                "DeletionMark": False,
                "Description": "Пётр",
                "Owner_Key": guid("romashka"),
                "ДолжностьПоВизитке": "Директор",
                "РольКонтактногоЛица": "Принимает решение",
                "ОсновноеКонтактноеЛицо": True,
                "ДатаРегистрацииСвязи": at("2024-05-06"),
                "ДатаПрекращенияСвязи": EMPTY,
            }
        ],
        "Document_Встреча": [
            document(
                "meeting",
                "2026-03-10 09:00",
                ВидВзаимодействия="Переговоры",
                ДатаНачала=at("2026-03-12 10:00"),
                ДатаОкончания=at("2026-03-12 11:00"),
                ФактическоеНачало=at("2026-03-12 10:05"),
                ФактическоеОкончание=at("2026-03-12 10:50"),
                ВесьДень=False,
                ДатаЗавершения=at("2026-03-12 11:00"),
                Результат="Договорились",
            ),
            document(
                "visit",
                "2026-03-30 09:00",
                ВидВзаимодействия="Сервисный визит",
                Состояние="Запланировано",
                ДатаНачала=at("2026-04-20 10:00"),
                ДатаОкончания=at("2026-04-20 12:00"),
                ФактическоеОкончание=EMPTY,
                ВесьДень=False,
            ),
        ],
        "Document_Встреча_Участники": [
            line("meeting", 1, PERSON, "petr"),
            line("meeting", 2, CLIENT, "romashka"),
            line("meeting", 3, USER, "boris"),
            line("visit", 1, CLIENT, "vasilek"),
        ],
        "Document_ТелефонныйЗвонок": [
            call("talk", "2026-03-17 15:00", timedelta(minutes=15), Входящий=True),
            call("missed", "2026-03-18 15:00", timedelta(), Отвечен=False),
            # By the office's clock it is April already, by the business's still March.
            call("late", "2026-04-01 01:00", timedelta(minutes=2, seconds=5)),
        ],
        "Document_ЗапланированноеВзаимодействие": [
            document(
                "offer",
                "2026-02-25 09:00",
                ВидВзаимодействия="Подготовить предложение",
                Срок=at("2026-03-31"),
                ДатаЗавершения=at("2026-04-01 01:30"),
                ДатаОкончания=EMPTY,
                ФактическоеОкончание=EMPTY,
                ВесьДень=False,
            ),
            document(
                "contract",
                "2026-03-25 09:00",
                ВидВзаимодействия="Подготовить договор",
                Состояние="Запланировано",
                Срок=at("2026-03-27 18:00"),
                ДатаОкончания=EMPTY,
                ФактическоеОкончание=EMPTY,
                ВесьДень=False,
            ),
        ],
        "Document_ЗапланированноеВзаимодействие_Участники": [line("offer", 1, CLIENT, "vasilek")],
        "Document_ЭлектронноеПисьмоВходящее": [
            letter
            | {
                "Ref_Key": guid("letter in"),
                "Date": at("2026-03-19 10:05"),
                "ДатаПолучения": at("2026-03-19 10:00"),
                "ОтправительКонтакт": guid("petr"),
                "ОтправительКонтакт_Type": Catalog(PERSON),
            }
        ],
        "Document_ЭлектронноеПисьмоИсходящее": [
            letter
            | {
                "Ref_Key": guid("letter out"),
                "Date": at("2026-03-20 10:00"),
                "Автор_Key": guid("robot"),
                "ДатаОтправления": at("2026-03-20 10:01"),
                "СтатусПисьма": "Отправлено",
                "МассоваяРассылка": True,
            }
        ],
        "Document_ЭлектронноеПисьмоИсходящее_ПолучателиПисьма": [
            line("letter out", 1, CLIENT, "vasilek")
        ],
        "Document_СообщениеSMS": [
            text_message("sms", "Доставлено", at("2026-03-22 12:00")),
            text_message("lost sms", "НеДоставлено", EMPTY),
        ],
        "Document_СообщениеSMS_Адресаты": [line("sms", 1, CLIENT, "vasilek")],
    }


def company_before() -> Tables:
    """Return what there was a month earlier: no client merged or archived, the offer open."""
    tables = company()
    clients, offers = tables["Catalog_Партнеры"], tables["Document_ЗапланированноеВзаимодействие"]
    undone = {"ДатаАрхивации": EMPTY, "ОбъединенС_Key": ZERO, "ДатаОбъединения": EMPTY}
    return {
        **{name: rows for name, rows in tables.items() if name.startswith("Catalog_")},
        "Catalog_Партнеры": [row | undone for row in clients if row["Description"] != "vasilek"],
        "Document_ЗапланированноеВзаимодействие": [
            row | {"Состояние": "Запланировано", "ДатаЗавершения": EMPTY}
            for row in offers
            if row["Тема"] == "offer"
        ],
    }
