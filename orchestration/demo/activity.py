"""What happens between managers and clients, month by month."""

from datetime import datetime, timedelta
from random import Random

from orchestration.demo.calls import make_call, plan_call
from orchestration.demo.clients import Client
from orchestration.demo.company import Company, Manager
from orchestration.demo.journal import Journal, Pair
from orchestration.demo.letters import receive_letter, send_letter, send_mailing
from orchestration.demo.meetings import arrange_meeting
from orchestration.demo.record import Record
from orchestration.demo.season import (
    clock,
    month_after,
    month_weight,
    months,
    poisson,
    work_moment,
    working_day,
)
from orchestration.demo.tasks import set_task
from orchestration.demo.vocabulary import Vocabulary

MONTHLY_RATES = {
    "A": {"call": 3.7, "plan": 0.55, "meeting": 1.35, "task": 1.2, "in": 1.25, "out": 0.95},
    "B": {"call": 1.65, "plan": 0.25, "meeting": 0.6, "task": 0.6, "in": 0.52, "out": 0.42},
    "C": {"call": 0.66, "plan": 0.1, "meeting": 0.22, "task": 0.24, "in": 0.24, "out": 0.18},
}
NEWCOMER_FACTOR = 1.9
SILENT_FACTOR = 0.05
REMINDERS = 2
DEPUTY_SHARE = 0.06
MAILING_SHARE = 0.3
ROBOT_PER_MONTH = 11


def simulate(
    rng: Random, words: Vocabulary, company: Company, clients: list[Client]
) -> list[Record]:
    """All documents of the history and the plans made in it for the weeks after."""
    journal = Journal(rng, words, company)
    routine = _Routine(journal, clients)
    for month in months(extra=2):
        for client in clients:
            routine.work_with(client, month)
        routine.mail(month)
        routine.run_robot(month)
    return journal.records


class _Routine:
    """A month's work with one client after another."""

    def __init__(self, journal: Journal, clients: list[Client]) -> None:
        self.journal = journal
        self.rng = journal.rng
        self.clients = clients
        self.silent_until: dict[str, datetime] = {}

    def work_with(self, client: Client, month: datetime) -> None:
        """All that one month brings for one client."""
        if client.habit in {"ghost", "mail_only"}:
            return
        if not client.migrated and month <= client.registered < month_after(month):
            self._first_contact(client)
        factor = self._factor(client, month)
        rates = MONTHLY_RATES[client.grade]
        touched = False
        for activity, rate in rates.items():
            for _ in range(poisson(self.rng, rate * factor)):
                touched |= self._act(activity, client, work_moment(self.rng, month))
        for _ in range(REMINDERS):
            if not touched and factor > 0.2:
                touched = self._remember(client, work_moment(self.rng, month))

    def _factor(self, client: Client, month: datetime) -> float:
        """How much more or less than usual happens with the client in the month."""
        owner = client.owner(month_after(month) - timedelta(days=10))
        if client.kind != "client":
            return 0.12
        if owner is None or not owner.works(month):
            return 0.15
        factor = month_weight(month) * client.vigour * owner.activity
        if not client.migrated and month < client.registered + timedelta(days=50):
            factor *= NEWCOMER_FACTOR
        if self.rng.random() < (1 - owner.care) * 0.07:
            self.silent_until[client.key] = month_after(month, self.rng.randint(2, 6))
        if month < self.silent_until.get(client.key, month):
            factor *= SILENT_FACTOR
        return factor

    def _performer(self, client: Client, at: datetime) -> Manager:
        """The owner, or a colleague who stands in."""
        company = self.journal.company
        owner = client.owner(at)
        if owner is None or not owner.works(at):
            return self.rng.choice(company.heads())
        if self.rng.random() < DEPUTY_SHARE:
            return self.rng.choice(company.team(owner.department, at))
        return owner

    def _act(self, activity: str, client: Client, at: datetime) -> bool:
        """Do one thing; True when the client was likely reached by it."""
        if not client.active(at):
            return False
        pair = Pair(client, self._performer(client, at))
        if client.habit == "attempts_only" or activity == "call":
            return self._call(pair, at)
        if activity == "plan":
            plan_call(self.journal, pair, at)
        elif activity == "meeting":
            self._meet(pair, at)
        elif activity == "task":
            set_task(self.journal, pair, at)
        elif activity == "in":
            receive_letter(self.journal, pair, at)
        else:
            send_letter(self.journal, pair, at)
        return activity in {"plan", "meeting", "in"}

    def _call(self, pair: Pair, at: datetime) -> bool:
        """Make a call, perhaps with a complaint to follow up; whether it was answered."""
        call = make_call(self.journal, pair, at)
        if call.row["ВидВзаимодействия"] == "Рекламация" and self.rng.random() < 0.75:
            follow_up = call.born + timedelta(minutes=self.rng.randrange(3, 90))
            set_task(self.journal, pair, follow_up, "Разобрать рекламацию")
        return call.row["Отвечен"] is not False

    def _meet(self, pair: Pair, at: datetime) -> None:
        second = self.rng.choice(self.clients) if self.rng.random() < 0.05 else None
        if second and (second is pair.client or not second.active(at) or second.habit != "normal"):
            second = None
        arrange_meeting(self.journal, pair, at, second)

    def _first_contact(self, client: Client) -> None:
        """A new client is contacted within days, unless its manager lets it lie."""
        if self.rng.random() < 0.45:
            at = client.registered + timedelta(seconds=self.rng.randrange(60, 3000))
        else:
            days = timedelta(days=1 + self.rng.expovariate(1 / 1.2))
            at = clock(self.rng, working_day(client.registered + days))
        if client.kind != "client" or not client.active(at) or self.rng.random() < 0.04:
            return
        pair = Pair(client, self._performer(client, at))
        if self.rng.random() < 0.75:
            make_call(self.journal, pair, at, "Первичное обращение")
        else:
            later = clock(self.rng, working_day(at + timedelta(days=self.rng.randrange(3, 20))))
            arrange_meeting(self.journal, pair, later, raw_type="Первая встреча")

    def _remember(self, client: Client, at: datetime) -> bool:
        """A careful manager calls those who were not reached; whether the call was answered."""
        owner = client.owner(at)
        reachable = client.kind == "client" and client.active(at)
        if not (owner and owner.works(at) and reachable):
            return False
        if self.rng.random() > owner.care * 0.85:
            return False
        call = make_call(self.journal, Pair(client, owner), at, "Контрольный звонок")
        return call.row["Отвечен"] is not False

    def mail(self, month: datetime) -> None:
        """The month's mass mailing to a part of the base, sent by one of the heads."""
        base = [c for c in self.clients if c.kind == "client" and c.active(month)]
        mailed = [
            client
            for client in base
            if client.habit == "mail_only"
            or (client.habit != "ghost" and self.rng.random() < MAILING_SHARE)
        ]
        heads = self.journal.company.heads()
        send_mailing(self.journal, mailed, heads[month.month % len(heads)], month)

    def run_robot(self, month: datetime) -> None:
        """Reminders and calls that the robot makes on its own."""
        robot = self.journal.company.robot
        base = [c for c in self.clients if c.habit == "normal" and c.active(month)]
        for _ in range(poisson(self.rng, ROBOT_PER_MONTH)):
            pair, at = Pair(self.rng.choice(base), robot), work_moment(self.rng, month)
            roll = self.rng.random()
            if roll < 0.35:
                make_call(self.journal, pair, at)
            elif roll < 0.6:
                set_task(self.journal, pair, at)
            else:
                send_letter(self.journal, pair, at, "robot")
