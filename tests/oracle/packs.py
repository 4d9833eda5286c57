"""Which packs there are: a month and a time zone each, filled with companies by hypothesis."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestration.close.period import Month, scheduled_close
from orchestration.settings import Settings
from tests.crm_files import project_settings
from tests.oracle.contract import Crm
from tests.oracle.pack import pack
from tests.oracle.strategy import crms
from tests.oracle.world import World

RULES = {
    "segment_characteristics": ["client_class", "client_kind", "product", "region"],
    "growth_characteristics": ["city", "client_class", "client_kind", "main_manager"],
    "contact_person_characteristics": ["client_class", "region"],
    "active_days_by_class": {"A": 30, "unknown": 60},
    "ranking_min_planned": 2,
    "ranking_min_working_days": 5,
}


@dataclass(frozen=True)
class Pack:
    """A month in a time zone; `late_days` pass between the scheduled close and as_of."""

    month: date
    zone: str
    late_days: int = 0
    has_norms: bool = False
    is_reconstructed: bool = False

    @property
    def name(self) -> str:
        return f"{self.month:%Y-%m}-{self.zone.split('/')[1]}"

    def settings(self, home: Path) -> Settings:
        """The project's settings with this time zone, folders of their own and other rules."""
        base = project_settings()
        norms = {"contact_norms": "where no plan" if self.has_norms else "off"}
        changed = {
            "business_timezone": self.zone,
            "raw_dir": home / "raw",
            "data_dir": home / "data",
            "named_segments_file": Path(__file__).with_name("named_segments.yml"),
            "rules": base.rules.model_copy(update=RULES | norms),
            "checks": base.checks.model_copy(update={"unclassified_share": 1.0}),
        }
        return base.model_copy(update=changed)

    def world(self, settings: Settings, crm: Crm) -> World:
        close = scheduled_close(settings, Month(self.month.year, self.month.month))
        close_at = close.replace(tzinfo=None)
        return World(
            crm=crm,
            month=self.month,
            zone=settings.zone,
            as_of=close_at + timedelta(days=self.late_days),
            scheduled_close_at=close_at,
            is_reconstructed=self.is_reconstructed,
            rules=settings.rules,
            named_segments=settings.named_segments_file,
            first_month=Month.parse(settings.close.first_month).first_day,
        )


# DST begins or ends in Auckland and New York; a quarter, a year, a year of 53 weeks end; one is
# computed again when the next month has passed.
PACKS = (
    Pack(date(2026, 3, 1), "Pacific/Auckland", has_norms=True),
    Pack(date(2025, 12, 1), "Europe/Moscow", late_days=3, is_reconstructed=True),
    Pack(date(2025, 11, 1), "America/New_York", late_days=40),
)
# With PACKS' months and others, over two hundred companies.
DEEP_PACKS = tuple(
    Pack(
        date(year, month, 1),
        zone,
        late_days=month % 4 * 15,
        has_norms=month % 2 == 0,
        is_reconstructed=month % 5 == 0,
    )
    for year, month, zone in (
        (2025, 1, "Europe/Moscow"),
        (2025, 3, "America/New_York"),
        (2025, 4, "Pacific/Auckland"),
        (2025, 6, "Europe/Moscow"),
        (2025, 9, "Pacific/Auckland"),
        (2025, 11, "Pacific/Auckland"),
        (2025, 12, "America/New_York"),
        (2026, 1, "Europe/Moscow"),
        (2026, 2, "America/New_York"),
        (2026, 10, "Europe/Moscow"),
    )
)


def companies(world: World, count: int) -> list[Crm]:
    """The first `count` companies that hypothesis draws for a world, the same in each run."""
    found: list[Crm] = []

    @hypothesis_settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        found.append(data.draw(crms(world, f"c{len(found):02d}")))

    draw()
    return found


def filled(spec: Pack, settings: Settings, count: int, alone: str | None = None) -> World:
    """The world of a pack; `alone` names the only companies wanted, such as c03 or c03,c07."""
    drawn = companies(spec.world(settings, Crm()), count)
    assert len(drawn) == count
    wanted = alone.split(",") if alone else [f"c{number:02d}" for number in range(count)]
    return spec.world(settings, pack([drawn[int(name.removeprefix("c"))] for name in wanted]))
