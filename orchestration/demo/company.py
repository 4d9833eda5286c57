"""Our own side of the demo: users, departments and business regions."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from orchestration.demo.record import EMPTY_DATE, ZERO, Record, guid, stamp
from orchestration.demo.season import HISTORY_START
from orchestration.demo.vocabulary import Vocabulary, read_rows


@dataclass(frozen=True)
class Manager:
    """A user and how that person works.

    `punctuality` is the share of work ticked off in time, `activity` a factor on the number
    of contacts, `care` the chance that a client forgotten in a month is called after all,
    `capacity` the number of clients the manager tends to own. `role` is head, manager, robot
    or admin.
    """

    key: str
    name: str
    department: str
    role: str
    punctuality: float
    activity: float
    care: float
    capacity: float
    hired: datetime
    left: datetime | None

    def works(self, at: datetime) -> bool:
        """Whether the manager is with the company at that moment."""
        return self.hired <= at and (self.left is None or at < self.left)


@dataclass(frozen=True)
class Company:
    """Users by role, regions by name, and their CRM rows."""

    managers: list[Manager]
    robot: Manager
    regions: dict[str, str]
    records: list[Record]

    def team(self, department: str, at: datetime) -> list[Manager]:
        """Managers of the department who work at that moment."""
        return [m for m in self.managers if m.department == department and m.works(at)]

    def heads(self) -> list[Manager]:
        """Heads of the departments."""
        return [manager for manager in self.managers if manager.role == "head"]


def build_company(rng: Random, words: Vocabulary) -> Company:
    """Create users, departments and regions; GUIDs come from `rng`."""
    users = [_manager(rng, row) for row in read_rows("managers")]
    departments = {user.department: guid(rng) for user in users if user.department}
    regions = {city["region"]: guid(rng) for city in words.of("cities").rows}
    records = [_user_record(user, departments.get(user.department, ZERO)) for user in users]
    records += [_department_record(name, key, users) for name, key in departments.items()]
    records += [_region_record(name, key) for name, key in regions.items()]
    managers = [user for user in users if user.role in {"head", "manager"}]
    robot = next(user for user in users if user.role == "robot")
    return Company(managers, robot, regions, records)


def _manager(rng: Random, row: dict[str, str]) -> Manager:
    hired, left = row["hired_on"], row["left_on"]
    return Manager(
        key=guid(rng),
        name=row["full_name"],
        department=row["department"],
        role=row["role"],
        punctuality=float(row["punctuality"]),
        activity=float(row["activity"]),
        care=float(row["care"]),
        capacity=float(row["capacity"]),
        hired=datetime.fromisoformat(hired) if hired else HISTORY_START,
        left=datetime.fromisoformat(left) if left else None,
    )


def _user_record(user: Manager, department_key: str) -> Record:
    known_hire = user.role in {"head", "manager"}
    record = Record(
        "Catalog_Пользователи",
        user.hired,
        {
            "Ref_Key": user.key,
            "DeletionMark": False,
            "Description": user.name,
            "Недействителен": False,
            "Служебный": user.role == "robot",
            "Подразделение_Key": department_key,
            "ДатаПриема": stamp(user.hired) if known_hire else EMPTY_DATE,
            "ДатаУвольнения": EMPTY_DATE,
        },
    )
    if user.left:
        record.change(user.left, Недействителен=True, ДатаУвольнения=stamp(user.left))
    return record


def _department_record(name: str, key: str, users: list[Manager]) -> Record:
    head = next(user for user in users if user.department == name and user.role == "head")
    return Record(
        "Catalog_СтруктураПредприятия",
        HISTORY_START,
        {
            "Ref_Key": key,
            "DeletionMark": False,
            "Description": name,
            "ТекущийРуководитель_Key": head.key,
        },
    )


def _region_record(name: str, key: str) -> Record:
    return Record(
        "Catalog_БизнесРегионы",
        HISTORY_START,
        {"Ref_Key": key, "DeletionMark": False, "Description": name},
    )
