"""Responses of Bitrix24's methods: the documented ones, and made-up ones of their shape."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.conftest import Installation
from tests.samples import sample_folder, write_config, write_load

PORTAL = '[sources.portal]\ncrm = "bitrix24"\ntimezone = "Europe/Moscow"\n\n'
PAGE_ROWS = 50

Record = dict[str, Any]


def documented(name: str) -> Record:
    """A documented response, by its file's name."""
    path = sample_folder("bitrix24_examples") / f"{name}.json"
    response: Record = json.loads(path.read_text(encoding="utf-8"))
    return response


def pages(table: str, records: Sequence[Record]) -> list[Record]:
    """Records in the pages that a list method returns them in."""
    starts = range(0, max(len(records), 1), PAGE_ROWS)
    return [
        _page(table, list(records[start : start + PAGE_ROWS]), len(records)) for start in starts
    ]


def _page(table: str, records: list[Record], total: int) -> Record:
    result = {"tasks": records} if table == "tasks_task" else records
    return {"result": result, "total": total, "time": {"duration": 0.05, "operating": 0}}


def deliver(
    raw_dir: Path, extracted_at: str, responses: Mapping[str, Sequence[Record]], **how: bool
) -> Path:
    """Write a load of the portal: responses by table, each on a line; other tables are empty."""
    files = {}
    for table, lines in responses.items():
        files[table] = raw_dir / f"{table}.jsonl"
        files[table].parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        files[table].write_text(text, encoding="utf-8")
    folder = write_load(raw_dir, "portal", extracted_at, files, crm="bitrix24", **how)
    for path in files.values():
        path.unlink()
    return folder


def portal_installation(home: Path, sources: str = PORTAL, **texts: str) -> Installation:
    """One Bitrix24 source below `home`."""
    return Installation(home, {"CRM_MARTS_CONFIG": str(write_config(home, sources, **texts))})


def company(number: int | str, **more: Any) -> Record:
    """A company as crm.company.list returns it."""
    return {
        "ID": str(number),
        "TITLE": f"Company {number}",
        "COMPANY_TYPE": "CUSTOMER",
        "IS_MY_COMPANY": "N",
        "ASSIGNED_BY_ID": "1",
        "DATE_CREATE": "2026-01-15T10:00:00+03:00",
        "DATE_MODIFY": "2026-01-15T10:00:00+03:00",
        "LAST_ACTIVITY_TIME": "2026-04-30T10:00:00+03:00",
        "INDUSTRY": "IT",
        "ADDRESS_CITY": None,
        **more,
    }


def contact(number: int | str, **more: Any) -> Record:
    """A contact as crm.contact.list returns it."""
    return {
        "ID": str(number),
        "NAME": f"Name {number}",
        "SECOND_NAME": None,
        "LAST_NAME": "Last",
        "COMPANY_ID": None,
        "TYPE_ID": "CLIENT",
        "POST": "",
        "ASSIGNED_BY_ID": "1",
        "DATE_CREATE": "2026-01-15T10:00:00+03:00",
        **more,
    }


def user(number: int | str, **more: Any) -> Record:
    """A user as user.get returns it."""
    return {
        "ID": str(number),
        "ACTIVE": True,
        "NAME": f"User {number}",
        "LAST_NAME": "",
        "EMAIL": f"user{number}@example.com",
        "UF_DEPARTMENT": [1],
        "UF_EMPLOYMENT_DATE": "",
        "LAST_ACTIVITY_DATE": {},
        "USER_TYPE": "employee",
        **more,
    }


def activity(number: int | str, **more: Any) -> Record:
    """An activity as crm.activity.list returns it: an open call with company 1."""
    return {
        "ID": str(number),
        "OWNER_TYPE_ID": "4",
        "OWNER_ID": "1",
        "TYPE_ID": "2",
        "PROVIDER_ID": "VOXIMPLANT_CALL",
        "PROVIDER_TYPE_ID": "CALL",
        "ASSOCIATED_ENTITY_ID": "0",
        "SUBJECT": f"Subject {number}",
        "CREATED": "2026-04-20T09:00:00+03:00",
        "LAST_UPDATED": "2026-04-20T09:00:00+03:00",
        "START_TIME": "2026-04-21T10:00:00+03:00",
        "END_TIME": "2026-04-21T11:00:00+03:00",
        "DEADLINE": "2026-04-21T10:00:00+03:00",
        "COMPLETED": "N",
        "STATUS": "1",
        "DIRECTION": "2",
        "RESPONSIBLE_ID": "1",
        "AUTHOR_ID": "1",
        "DESCRIPTION": "never taken",
        "SETTINGS": [],
        "COMMUNICATIONS": [],
        **more,
    }


def done(**more: Any) -> Record:
    """Fields of a completed activity."""
    return {"COMPLETED": "Y", "STATUS": "2", **more}


def with_contact(number: int, company_id: int | None = None, item: int | str = 1) -> Record:
    """A communication with a contact."""
    settings = {"NAME": "Eve", "COMPANY_ID": str(company_id)} if company_id is not None else []
    return {
        "ID": str(item),
        "TYPE": "PHONE",
        "VALUE": "+70000000000",
        "ENTITY_ID": str(number),
        "ENTITY_TYPE_ID": "3",
        "ENTITY_SETTINGS": settings,
    }


def task(number: int | str, **more: Any) -> Record:
    """A task as tasks.task.list returns it: pending, of nobody."""
    return {
        "id": str(number),
        "title": f"Task {number}",
        "status": "2",
        "createdBy": "1",
        "responsibleId": "1",
        "createdDate": "2026-04-20T09:00:00+03:00",
        "changedDate": "2026-04-20T09:00:00+03:00",
        "deadline": None,
        "closedDate": None,
        "startDatePlan": None,
        "endDatePlan": None,
        "timeEstimate": "0",
        "ufCrmTask": [],
        "accomplices": [],
        **more,
    }
