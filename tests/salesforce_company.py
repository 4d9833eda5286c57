"""A company in Salesforce, made up for what the connector's sample never shows: three loads."""

from pathlib import Path
from typing import Any

from tests.samples import write_load

FORCE = '[sources.force]\ncrm = "salesforce"\ntimezone = "UTC"\n\n'
PLANS = '[sources.plans]\ncrm = "files"\n\n'
START, MIDDLE, END = "2026-03-01T00:10:00Z", "2026-03-20T00:10:00Z", "2026-04-02T00:10:00Z"
OPEN_END = "9999-12-31 23:59:59"
Rows = list[dict[str, Any]]

USERS = [
    {"id": "005A", "name": "Ann", "manager_id": "005H", "user_role_id": "00E1"},
    {"id": "005B", "name": "Bob", "manager_id": "005H", "user_role_id": "00E1"},
    {"id": "005H", "name": "Hugo", "user_role_id": "00E2"},
    {"id": "005R", "username": "robot@example.com", "user_type": "AutomatedProcess"},
]
ROLES = [{"id": "00E1", "name": "Sales North"}, {"id": "00E2", "name": "Heads"}]
OLD = {"created_date": "2026-01-10 09:00:00", "is_deleted": "FALSE"}
ALFA = {"id": "001A", "name": "Alfa", "type": "Customer - Direct", "owner_id": "005A", **OLD}
BETA = {"id": "001B", "name": "Beta", "owner_id": "005B", "rating": "Hot", **OLD}
GAMMA = {"id": "001G", "name": "Gamma", "type": "Prospect", "owner_id": "005B", **OLD}
DELTA = {"id": "001D", "name": "Delta", "type": "Partner", "owner_id": "005A", **OLD}
TRASH = {"id": "001T", "name": "Trash", "owner_id": "005A", "billing_country": "France", **OLD}
SUNK = {"id": "001S", "name": "Sunk", "owner_id": "005A", "billing_state": "Omsk", **OLD}
EVA = {
    **{"id": "001E", "name": "Eva Person", "is_person_account": "TRUE", "owner_id": "005A"},
    **{"person_do_not_call": "true", "created_date": "2026-03-05 09:00:00", "rating": "Cold"},
}
MERGED = {"is_deleted": "TRUE", "master_record_id": "001A"}


def _history(key: str, start: str, end: str, **cells: str) -> dict[str, Any]:
    return {"id": key, "_fivetran_start": start, "_fivetran_end": end, **cells}


# Fivetran ends a row a millisecond before the next one. Hugo had Alfa for one second.
ALFA_HISTORY = [
    _history("001A", "2026-02-01 09:00:00", "2026-02-14 23:59:59.999", owner_id="005B"),
    _history("001A", "2026-02-15 00:00:00", "2026-03-10 08:59:59.999", owner_id="005B"),
    _history("001A", "2026-03-10 09:00:00", "2026-03-10 09:00:01", owner_id="005H"),
    _history("001A", "2026-03-10 09:00:01", OPEN_END, owner_id="005A"),
]
GAMMA_HISTORY = [
    _history("001G", "2026-01-10 09:00:00", "2026-03-12 09:59:59.999", owner_id="005B"),
    _history("001G", "2026-03-12 10:00:00", OPEN_END, owner_id="005B", master_record_id="001A"),
]
ALFA_SEEN_FIRST = [
    ALFA_HISTORY[0],
    {**ALFA_HISTORY[1], "_fivetran_end": OPEN_END},
    {**GAMMA_HISTORY[0], "_fivetran_end": OPEN_END},
]

PAT = {"id": "003P", "name": "Pat", "account_id": "001A", "title": "CEO", **OLD}
BILL = {"id": "003B", "name": "Bill", "account_id": "001A", "title": "Buyer", **OLD}
BILLY = {"id": "003Y", "name": "Billy", "account_id": "001A", **OLD}
MOVER = {"id": "003M", "name": "Moe", "account_id": "001A", "title": "Buyer", **OLD}
ROVER = {"id": "003R", "name": "Roe", "account_id": "001B", "title": "Buyer", **OLD}
MOVER_HISTORY = [
    _history(
        "003M", "2026-02-01 09:00:00", "2026-03-15 11:59:59.999", account_id="001B", title="Buyer"
    ),
    _history("003M", "2026-03-15 12:00:00", OPEN_END, account_id="001A", title="Buyer"),
]


def _task(key: str, due: str, **cells: str) -> dict[str, Any]:
    given = {"status": "Not Started", "is_closed": "FALSE", "is_deleted": "FALSE"}
    who = {"owner_id": "005A", "created_by_id": "005A", "account_id": "001A", "who_id": "003P"}
    entered = {"created_date": "2026-02-20 08:00:00", "task_subtype": "Task"}
    day = {"id": f"00T{key}", "activity_date": due and f"{due} 00:00:00"}
    return {**given, **who, **entered, **day, **cells}


def _logged(key: str, day: str, at: str, **cells: str) -> dict[str, Any]:
    done = {"status": "Completed", "is_closed": "TRUE", "task_subtype": "Call"}
    return _task(key, day, **{**done, "created_date": at, "completed_date_time": at, **cells})


CLOSED = {"status": "Completed", "is_closed": "TRUE"}
REPORT = _task("report", "2026-03-31")
OVERDUE = _task("overdue", "2026-03-15", account_id="001B", who_id="")
DROPPED = _task("dropped", "2026-03-28")
STALE = _task("stale", "2026-03-10")
NO_NEED = _task("noneed", "2026-03-25")
UNDATED = _task("undated", "2026-03-18")
SERIES = _task("series", "2026-03-17", is_recurrence="TRUE")
OCCURRENCE = _task("first", "2026-03-17")
PARKED = _task("parked", "2026-03-05", status="Parked", is_closed="TRUE")
LOGGED = [
    _logged(
        "call",
        "2026-03-05",
        "2026-03-05 12:00:00",
        call_type="Inbound",
        call_duration_in_seconds="300",
        call_disposition="Connected",
        type="Call",
    ),
    _logged("short", "2026-03-06", "2026-03-06 12:00:00", call_duration_in_seconds="3"),
    _logged("lead", "2026-03-06", "2026-03-06 13:00:00", account_id="", who_id="00Q1"),
    _logged("inner", "2026-03-06", "2026-03-06 14:00:00", call_type="Internal", account_id=""),
    _logged("mail", "2026-03-09", "2026-03-09 12:00:00", task_subtype="Email", type="Call"),
    _logged("mass", "2026-03-09", "2026-03-09 13:00:00", task_subtype="ListEmail", type="Email"),
]
# Called on 31 March, entered on 1 April.
LATE = _logged("late", "2026-03-31", "2026-04-01 08:00:00", call_duration_in_seconds="120")
UNKNOWN = _task("unknown", "2026-03-05", status="Parked", is_closed="")
BROKEN = {**_task("broken", "2026-03-05"), "activity_date": "1 April"}


def _event(key: str, start: str, minutes: int, **cells: str) -> dict[str, Any]:
    given = {"is_deleted": "FALSE", "is_child": "FALSE", "event_subtype": "Event"}
    who = {"owner_id": "005A", "created_by_id": "005A", "account_id": "001A", "who_id": "003P"}
    when = {"start_date_time": start, "duration_in_minutes": str(minutes)}
    entered = {"id": f"00U{key}", "created_date": "2026-02-20 08:00:00", "subject": key}
    return {**given, **who, **when, **entered, **cells}


GROUP = {"is_group_event": "TRUE", "group_event_type": "1", "subject": "Fair", "type": "Meeting"}
COPY = {**GROUP, "is_child": "TRUE"}
FAIR = _event("fair", "2026-03-10 10:00:00", 60, **GROUP)
FAIR_COPIES = [
    _event("copybob", "2026-03-10 10:00:00", 60, **COPY, owner_id="005B"),
    _event("copyhugo", "2026-03-10 10:00:00", 60, **COPY, owner_id="005H"),
]
ORPHANS = [
    _event("orphan1", "2026-03-11 10:00:00", 30, **COPY, owner_id="005B"),
    _event("orphan2", "2026-03-11 10:00:00", 30, **COPY, owner_id="005H"),
]
CALL = _event("call", "2026-03-12 10:00:00", 15, type="Call", account_id="001B", who_id="")
ALL_DAY = _event("day", "2026-03-13 00:00:00", 1440, type="Meeting", is_all_day_event="TRUE")
ALL_DAY |= {"activity_date": "2026-03-13 00:00:00", "end_date_time": "2026-03-13 00:00:00"}
NEXT = _event("next", "2026-04-20 10:00:00", 30, type="Meeting")
CALLED_OFF = _event("off", "2026-03-25 10:00:00", 30, type="Meeting")
BINNED = _event("binned", "2026-03-16 10:00:00", 30, type="Meeting")
PATTERN = _event("pattern", "2026-03-16 10:00:00", 30, group_event_type="3")
RELATIONS = [
    {"id": "0RE1", "event_id": "00Ufair", "relation_id": "005B", "status": "Accepted"},
    {"id": "0RE2", "event_id": "00Ufair", "relation_id": "005H", "status": "Declined"},
    {"id": "0RE3", "event_id": "00Ufair", "relation_id": "003R", "status": "New"},
]
EVENTS = [FAIR, *FAIR_COPIES, *ORPHANS, CALL, ALL_DAY, NEXT, PATTERN]


def _bin(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "is_deleted": "TRUE"}


def _load(accounts: Rows, contacts: Rows, tasks: Rows, events: Rows, **other: Rows) -> Any:
    given = {"account": accounts, "contact": contacts, "task": tasks, "event": events}
    users = [{"is_active": "true", **user} for user in USERS]
    return {"user": users, "user_role": ROLES, **given, **other}


LOADS: dict[str, dict[str, Rows]] = {
    START: _load(
        [{**ALFA, "owner_id": "005B"}, BETA, GAMMA, DELTA, TRASH, SUNK],
        [PAT, BILL, BILLY, {**MOVER, "account_id": "001B"}, ROVER],
        [REPORT, OVERDUE, DROPPED, STALE, NO_NEED, UNDATED, SERIES, OCCURRENCE],
        [*EVENTS, CALLED_OFF, BINNED],
        account_history=ALFA_SEEN_FIRST,
        contact_history=[{**MOVER_HISTORY[0], "_fivetran_end": OPEN_END}],
    ),
    MIDDLE: _load(
        [ALFA, {**BETA, "owner_id": "005A"}, {**GAMMA, **MERGED}, DELTA, TRASH, SUNK, EVA],
        [
            *(PAT, {**BILL, "is_deleted": "TRUE", "master_record_id": "003P"}),
            *({**BILLY, "is_deleted": "TRUE", "master_record_id": "003B"}, MOVER),
            {**ROVER, "account_id": "001A"},
        ],
        [
            *(REPORT, OVERDUE, _bin(DROPPED), _bin(STALE), NO_NEED, {**UNDATED, **CLOSED}),
            *(SERIES, OCCURRENCE, PARKED, UNKNOWN, *LOGGED),
        ],
        [*EVENTS, _bin(CALLED_OFF), _bin(BINNED)],
        account_history=[*ALFA_HISTORY, *GAMMA_HISTORY],
        contact_history=MOVER_HISTORY,
        event_relation=RELATIONS,
    ),
    END: _load(
        [
            *(ALFA, {**BETA, "owner_id": "005A"}, {**GAMMA, **MERGED}, DELTA, _bin(TRASH)),
            *({**SUNK, "_fivetran_active": "false"}, EVA),
        ],
        [
            *(PAT, {**BILL, "is_deleted": "TRUE", "master_record_id": "003P"}),
            *({**BILLY, "is_deleted": "TRUE", "master_record_id": "003B"}, MOVER),
            {**ROVER, "account_id": "001A", "phone": "1"},
        ],
        [
            *({**REPORT, **CLOSED, "completed_date_time": "2026-03-31 20:30:00"}, OVERDUE),
            *(_bin(DROPPED), _bin(STALE), {**NO_NEED, "status": "Cancelled", "is_closed": "TRUE"}),
            *({**UNDATED, **CLOSED, "subject": "Edited later"}, SERIES, OCCURRENCE, PARKED),
            *(UNKNOWN, BROKEN, *LOGGED, LATE),
            # Of the merged contact, as an archived row that Salesforce did not move.
            _logged("old", "2026-03-02", "2026-03-02 09:00:00", who_id="003Y"),
        ],
        [*EVENTS, _bin(CALLED_OFF), _bin(BINNED)],
        account_history=[*ALFA_HISTORY, *GAMMA_HISTORY],
        contact_history=MOVER_HISTORY,
        event_relation=RELATIONS,
    ),
}
for _user in LOADS[MIDDLE]["user"] + LOADS[END]["user"]:
    if _user["name" if "name" in _user else "id"] == "Bob":
        _user["is_active"] = "false"


def deliver(raw_dir: Path) -> None:
    """Write all loads of the company."""
    for extracted_at, tables in LOADS.items():
        write_load(raw_dir, "force", extracted_at, tables, crm="salesforce")
