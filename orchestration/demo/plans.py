"""Contact plans of the demo: the sheet that the heads approve before each month."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from orchestration.demo.clients import Client
from orchestration.demo.company import Company, Manager
from orchestration.demo.record import Row
from orchestration.demo.season import OFFICE, month_after, months

FIRST_PLANNED_MONTH = datetime(2025, 1, 1)
AMENDED_SHARE = 0.012
ZERO_SHARE = 0.004


@dataclass(frozen=True)
class Target:
    """What is due: interaction kind, interaction group (empty: any) and planned count."""

    kind: str
    group: str
    count: int


@dataclass(frozen=True)
class Line:
    """A plan line of one month; without a client (empty key) any client counts."""

    plan_id: str
    month: datetime
    manager_key: str
    client_key: str
    target: Target

    def row(self, version: int, approved: datetime, count: int) -> Row:
        """The line as the sheet has it; `approved` is an office moment, written in UTC."""
        utc = approved.replace(tzinfo=OFFICE).astimezone(UTC)
        return {
            "plan_id": self.plan_id,
            "plan_version": str(version),
            "approved_at": f"{utc:%Y-%m-%dT%H:%M:%SZ}",
            "period_start": f"{self.month:%Y-%m-%d}",
            "period_end": f"{month_after(self.month):%Y-%m-%d}",
            "manager_id": f"demo:{self.manager_key}",
            "client_id": f"demo:{self.client_key}" if self.client_key else "",
            "interaction_kind": self.target.kind,
            "interaction_group": self.target.group,
            "planned_count": str(count),
        }


def build_plans(rng: Random, company: Company, clients: list[Client]) -> list[tuple[datetime, Row]]:
    """Plan rows with the office moment of their approval, in the order of approval."""
    plans: list[tuple[datetime, Row]] = []
    for month in [m for m in months(extra=1) if m >= FIRST_PLANNED_MONTH]:
        for number, manager in enumerate(company.managers, start=1):
            approved = month - timedelta(days=rng.randrange(3, 6), hours=-12, minutes=-number)
            if manager.works(approved):
                targets = _targets(manager, clients, approved, month)
                label = f"{month:%Y-%m}-{number:02d}"
                for index, (client_key, target) in enumerate(targets, start=1):
                    line = Line(f"{label}-{index:03d}", month, manager.key, client_key, target)
                    plans += _versions(rng, line, approved)
    return sorted(plans, key=lambda plan: plan[0])


def _versions(rng: Random, line: Line, approved: datetime) -> list[tuple[datetime, Row]]:
    """The line as approved before the month and, seldom, as amended in the middle of it."""
    count = 0 if line.client_key and rng.random() < ZERO_SHARE else line.target.count
    rows = [(approved, line.row(1, approved, count))]
    if rng.random() < AMENDED_SHARE:
        at = line.month + timedelta(days=rng.randrange(11, 18), hours=15)
        rows.append((at, line.row(2, at, max(0, count + rng.choice([-1, 1, 1, 2])))))
    return rows


def _targets(
    manager: Manager, clients: list[Client], approved: datetime, month: datetime
) -> list[tuple[str, Target]]:
    """Targets for each main client by class and, for cold calls, one without a client."""
    targets: list[tuple[str, Target]] = []
    for client in clients:
        mine = client.owner(approved) is manager and client.active(approved)
        if mine and client.kind == "client":
            turn = (month.month + int(str(client.record.row["Code"]))) % 3 == 0
            targets += [(client.key, target) for target in _class_targets(client.grade, turn)]
    if manager.role == "manager":
        targets.append(("", Target("call", "", 4)))
    return targets


def _class_targets(grade: str, turn: bool) -> list[Target]:
    """What a client of the class is due; `turn` is its month of the quarter."""
    call, meeting = Target("call", "", 1), Target("meeting", "", 1)
    if grade == "A":
        visit = [Target("visit", "service_visit", 1)] if turn else []
        return [Target("call", "", 2), meeting, *visit]
    if grade == "B":
        return [call, meeting] if turn else [call]
    return [call] if turn else []
