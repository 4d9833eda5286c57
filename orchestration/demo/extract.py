"""Writes the monthly extracts of the demo CRM and its contact plans."""

import csv
import json
import shutil
from datetime import datetime
from pathlib import Path
from random import Random

from orchestration.demo import dirt, letters
from orchestration.demo.activity import simulate
from orchestration.demo.clients import add_persons
from orchestration.demo.company import build_company
from orchestration.demo.edits import edit_documents
from orchestration.demo.growth import build_clients
from orchestration.demo.plans import build_plans
from orchestration.demo.record import Record, Row
from orchestration.demo.season import load_moments, office_time
from orchestration.demo.vocabulary import Vocabulary

LINE_TABLES = {
    "Document_Встреча": "Document_Встреча_Участники",
    "Document_ЗапланированноеВзаимодействие": "Document_ЗапланированноеВзаимодействие_Участники",
    letters.OUTGOING: "Document_ЭлектронноеПисьмоИсходящее_ПолучателиПисьма",
}
Tables = dict[str, list[Row]]


def write_demo(raw_dir: Path, seed: int = 1) -> list[Path]:
    """Write the demo's loads that are missing under `raw_dir` and return their folders.

    There are 13 folders `demo/<load>` with one file per 1C table and 13 `plans/<load>` with
    the contact plans, each complete and with its `_load.json`. The same seed gives the same
    bytes. A folder appears under its name only when it is complete, and is never rewritten;
    FileExistsError when the loads that are there were not made with this seed.
    """
    loads = load_moments()
    names = [f"{load:%Y%m%dT%H%M%SZ}" for load in loads]
    folders = [raw_dir / source / name for name in names for source in ("demo", "plans")]
    _claim(raw_dir, seed, folders)
    if all(folder.exists() for folder in folders):
        return []
    records, plans = _build(seed)
    written = []
    for load, name in zip(loads, names, strict=True):
        at = office_time(load)
        sheet = {"contact_plans": [row for approved, row in plans if approved <= at]}
        for source, tables in (("demo", _tables(records, at)), ("plans", sheet)):
            folder = raw_dir / source / name
            if not folder.exists():
                _write_load(folder, load, tables)
                written.append(folder)
    return written


def _claim(raw_dir: Path, seed: int, folders: list[Path]) -> None:
    """Note the seed beside the loads, or refuse to mix two demos."""
    marker = raw_dir / ".demo_seed"
    known = marker.read_text(encoding="utf-8") if marker.exists() else None
    if known != str(seed) and any(folder.exists() for folder in folders):
        raise FileExistsError(f"{raw_dir} holds demo loads of seed {known}: remove them first")
    raw_dir.mkdir(parents=True, exist_ok=True)
    marker.write_text(str(seed), encoding="utf-8")


def _build(seed: int) -> tuple[list[Record], list[tuple[datetime, Row]]]:
    """Live through the history; each part has its own random stream, so it can be tuned alone."""
    words = Vocabulary()
    company = build_company(Random(f"{seed} company"), words)
    clients = build_clients(Random(f"{seed} clients"), words, company)
    persons = add_persons(Random(f"{seed} persons"), words, clients)
    documents = simulate(Random(f"{seed} activity"), words, company, clients)
    last = office_time(load_moments()[-1])
    documents = [document for document in documents if document.born <= last]
    edit_documents(Random(f"{seed} edits"), documents)
    plans = build_plans(Random(f"{seed} plans"), company, clients)
    records = [*company.records, *(client.record for client in clients), *persons, *documents]
    dirt.add_dirt(Random(f"{seed} dirt"), words, records)
    return records, plans


def _tables(records: list[Record], at: datetime) -> Tables:
    """The rows of all tables as an extract at the office moment holds them."""
    tables: Tables = {}
    for record in records:
        rows = record.rows(at)
        tables.setdefault(record.table, []).extend(rows)
        if rows and record.table in LINE_TABLES:
            lines = [{"Ref_Key": record.key, **line} for line in record.lines]
            tables.setdefault(LINE_TABLES[record.table], []).extend(lines)
    return tables


def _write_load(folder: Path, load: datetime, tables: Tables) -> None:
    """Write one load under a temporary name and rename it when it is complete."""
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for table, rows in tables.items():
        if table == letters.INCOMING:
            _write_jsonl(temporary / f"{table}.jsonl", rows)
        else:
            _write_csv(temporary / f"{table}.csv", rows)
    if folder.name == dirt.BROKEN_LOAD and dirt.BROKEN_TABLE in tables:
        with (temporary / f"{dirt.BROKEN_TABLE}.csv").open("a", encoding="utf-8") as file:
            file.writelines(dirt.BROKEN_LINES)
    manifest = {
        "extracted_at": f"{load:%Y-%m-%dT%H:%M:%SZ}",
        "complete": True,
        "tables": sorted(tables),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (temporary / "_load.json").write_text(text, encoding="utf-8")
    temporary.rename(folder)


def _write_csv(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)


def _write_jsonl(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()
