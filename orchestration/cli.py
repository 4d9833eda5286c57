"""crm-marts: the common acts of running the pipeline."""

import argparse
import atexit
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from orchestration.errors import CrmMartsError, PackError
from orchestration.machine_faults import text_of, told

if TYPE_CHECKING:
    from orchestration.close.period import Month

EXIT_OK, EXIT_RED, EXIT_INPUT, EXIT_LOCKED, EXIT_BUG, EXIT_LATER = range(6)
EXIT_INTERRUPTED = 130
# A close makes millions of objects, nearly all for as long as it runs: looking for garbage as often
# as Python does takes a tenth of it.
NEW_OBJECTS = 50_000
EPILOG = """\
exit codes: 0 done; 1 a check failed and nothing was published; 2 the input, the settings or the
order of work is wrong, or the machine refuses (disk, rights, files that others hold); 3 another
close is running; 4 an error of the program itself; 5 published for readers of files, but not to
PostgreSQL, or without its pack; 130 interrupted.

Settings stand in crm_marts.toml (or the file that CRM_MARTS_CONFIG names)."""


def main() -> None:
    """Entry point of the command."""
    code = run(sys.argv[1:])
    if code == EXIT_INTERRUPTED:  # without the threads whose queries still run
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        atexit._run_exitfuncs()
        os._exit(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are one paragraph on stderr."""
    options = _parser().parse_args(arguments)
    gc.set_threshold(NEW_OBJECTS)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except CrmMartsError as error:
        return _complain(error, _exit_code(error))
    except FileNotFoundError as error:
        return _complain(error, EXIT_INPUT)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" if e["loc"] else e["msg"]
            for e in error.errors()
        ).replace("Value error, ", "")
        return _complain(
            CrmMartsError(f"the settings are wrong (crm_marts.toml): {problems}"), EXIT_INPUT
        )
    except Exception as error:
        return _unexpected(error)
    except KeyboardInterrupt:
        return _complain(
            CrmMartsError(
                "interrupted: what was published before stands",
                remedy="The same command goes on from there.",
            ),
            EXIT_INTERRUPTED,
        )


def _exit_code(error: CrmMartsError) -> int:
    from orchestration.close.lock import LockedError
    from orchestration.close.run import RedCloseError
    from orchestration.postgres.server import PostgresError

    codes = {
        RedCloseError: EXIT_RED,
        LockedError: EXIT_LOCKED,
        PostgresError: EXIT_LATER,
        PackError: EXIT_LATER,
    }
    return codes.get(type(error), EXIT_INPUT)


def _unexpected(error: Exception) -> int:
    fault = told(text_of(error))
    if fault:
        return _complain(fault, EXIT_INPUT)
    traceback.print_exception(error)
    return EXIT_BUG


def _complain(error: Exception, code: int) -> int:
    print(f"crm-marts: {error}", file=sys.stderr)
    return code


def _close(options: argparse.Namespace) -> int:
    from orchestration.close.period import Month

    month = Month.parse(options.month)
    return _close_range(month, month, options.known_until)


def _backfill(options: argparse.Namespace) -> int:
    from orchestration.close.period import Month

    return _close_range(Month.parse(options.first), Month.parse(options.last))


def _close_range(first: "Month", last: "Month", known_until: str | None = None) -> int:
    from orchestration.close.run import close_months
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]  # filled from crm_marts.toml
    if first > last:
        raise CrmMartsError(f"{first} comes after {last}", remedy="Name the earlier month first.")
    if str(first) < settings.close.first_month:
        raise CrmMartsError(
            f"{first} is before the first month, {settings.close.first_month}",
            remedy="Set close.first_month in crm_marts.toml to where the data begin.",
        )
    closed = close_months(settings, first.until(last), _say, known_until)
    for warning in sorted({warning for month in closed for warning in month.warnings}):
        warned = [str(month.month) for month in closed if warning in month.warnings]
        _say(f"  warning: {warning} ({_shortened(warned)})")
    return EXIT_OK


def _shortened(months: list[str]) -> str:
    return months[0] if len(months) == 1 else f"{len(months)} months, last {months[-1]}"


def _say(line: str) -> None:
    """Print a line; a reader who has seen enough, such as `head`, ends nothing that is going on."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _preview(_options: argparse.Namespace) -> int:
    from orchestration.close.run import preview
    from orchestration.settings import Settings

    period = preview(Settings(), _say)  # type: ignore[call-arg]
    _say(
        f"{period.month}: provisional, known as of {period.as_of:%Y-%m-%d %H:%M} UTC, "
        "in the schema marts_open"
    )
    return EXIT_OK


def _recheck(_options: argparse.Namespace) -> int:
    from orchestration.close.run import recheck
    from orchestration.settings import Settings

    recheck(Settings(), _say)  # type: ignore[call-arg]
    return EXIT_OK


def _restatements(options: argparse.Namespace) -> int:
    from orchestration.close.pending import change_lines, pending_restatements
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    pending = pending_restatements(settings)
    for edition in pending:
        for line in change_lines(settings, edition, options.limit):
            _say(line)
    if not pending:
        _say("no restatement is pending")
    return EXIT_OK


def _restate(options: argparse.Namespace) -> int:
    from orchestration.close.period import Month
    from orchestration.close.run import restate
    from orchestration.settings import Settings

    edition = restate(Settings(), Month.parse(options.month), _say)  # type: ignore[call-arg]
    _say(f"{edition.month}: edition {edition.number} published")
    return EXIT_OK


def _publish_postgres(options: argparse.Namespace) -> int:
    from orchestration.close.run import complete_postgres
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    shown = complete_postgres(settings, all_months=options.all_months)
    written = f"{shown.rows:,} rows written" if shown.rows else "as before"
    _say(f"PostgreSQL shows release {shown.release}, {written}")
    return EXIT_OK


def _postgres_roles(_options: argparse.Namespace) -> int:
    from orchestration.postgres.roles import create_roles
    from orchestration.settings import Settings

    for line in create_roles(Settings()):  # type: ignore[call-arg]
        _say(line)
    return EXIT_OK


def _pack(options: argparse.Namespace) -> int:
    from orchestration.close.lock import writer_lock
    from orchestration.close.period import Month
    from orchestration.delivery.mail import send_packs
    from orchestration.delivery.pack import REGISTERS, write_pack
    from orchestration.settings import Settings

    settings, month = Settings(), Month.parse(options.month)  # type: ignore[call-arg]
    with writer_lock(settings, f"pack {month}"):
        packs = write_pack(settings, month)
        for pack in packs:
            for file in pack.files:
                _say(str(file))
            _say(f"{pack.folder / REGISTERS}: {len(pack.registers)} registers")
        if options.send:
            _say(f"{send_packs(settings, month, packs)} packs sent")
    return EXIT_OK


def _replay(options: argparse.Namespace) -> int:
    from orchestration.close.period import Month
    from orchestration.close.replay import replay
    from orchestration.settings import Settings

    found = replay(Settings(), Month.parse(options.month), options.edition)  # type: ignore[call-arg]
    edition = found.edition
    title = f"{edition.month}, edition {edition.number}, as of {edition.as_of:%Y-%m-%d %H:%M} UTC"
    if not found.differing:
        rows = sum(content.rows for content in edition.marts.values())
        _say(f"{title}: {len(edition.marts)} marts, {rows:,} rows, all equal")
        return EXIT_OK
    cause = (
        "the code is the same, so the kept loads or the edition are not"
        if found.is_same_code
        else f"cause code: made by {edition.code_version}, computed by {found.code_version}"
    )
    _say(f"{title}: other rows in {', '.join(found.differing)}; {cause}")
    return EXIT_RED if found.is_same_code else EXIT_OK


def _status(_options: argparse.Namespace) -> int:
    from orchestration.close.status import status_lines
    from orchestration.settings import Settings

    for line in status_lines(Settings()):  # type: ignore[call-arg]
        _say(line)
    return EXIT_OK


def _check_crm(options: argparse.Namespace) -> int:
    from orchestration.checks.check_crm import check_crm
    from orchestration.close.period import Month
    from orchestration.settings import Settings

    month = Month.parse(options.month) if options.month else None
    for line in check_crm(Settings(), options.crm, month):  # type: ignore[call-arg]
        if isinstance(line, bool):
            return EXIT_OK if line else EXIT_RED
        _say(line)
    raise AssertionError("the report ends with its outcome")


def _quarantine(options: argparse.Namespace) -> int:
    from orchestration.close.quarantine import quarantine_lines
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    chosen = (options.source, options.table)
    for line in quarantine_lines(settings, *chosen, with_mended=options.all, limit=options.limit):
        _say(line)
    return EXIT_OK


def _sql(options: argparse.Namespace) -> int:
    import duckdb

    from orchestration.close.release import SERVING, current_release
    from orchestration.settings import Settings

    release = current_release(Settings())  # type: ignore[call-arg]
    if release is None:
        raise CrmMartsError("nothing is published yet", remedy="Close a month first.")
    with duckdb.connect(str(release / SERVING), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'; use marts")
        try:
            db.sql(options.query).show(max_rows=200, max_width=200)
        except duckdb.Error as error:
            raise CrmMartsError(str(error), remedy="List the tables with: show tables.") from None
    return EXIT_OK


def _demo(_options: argparse.Namespace) -> int:
    from orchestration.close.headlines import headline_lines
    from orchestration.demo import write_demo
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    written = write_demo(settings.raw_dir)
    _say(
        f"demo CRM: {len(written)} loads delivered into {settings.raw_dir}"
        if written
        else f"demo CRM: all loads are in {settings.raw_dir} already"
    )
    code = run(["backfill", "2025-11", "2026-10"])
    if code == EXIT_OK:
        for line in headline_lines(settings):
            _say(line)
    return code


def _prepare(_options: argparse.Namespace) -> int:
    from orchestration.close.run import prepare_dagster
    from orchestration.dbt import parsed_project
    from orchestration.raw.landing import refresh_history
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    refresh_history(settings)
    parsed_project(settings)
    prepare_dagster(settings)
    return EXIT_OK


def _ui(options: argparse.Namespace) -> int:
    _prepare(options)
    dagster = Path(sys.executable).with_name("dagster")
    module = ["-m", "orchestration.definitions"]
    # A script's background job ignores Ctrl-C, and Dagster takes SIGTERM for the same.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(dagster, ["dagster", "dev", "--host", "127.0.0.1", "--port", options.port, *module])


def _dbt(options: argparse.Namespace) -> int:
    from dbt.cli.main import dbtRunner

    from orchestration.close.building import build_all_anew
    from orchestration.dbt import dbt_arguments, parsed_project
    from orchestration.settings import Settings

    settings = Settings()  # type: ignore[call-arg]
    if options.arguments[:1] not in READING_DBT:
        build_all_anew(settings)
    runner = dbtRunner(manifest=parsed_project(settings))
    result = runner.invoke(dbt_arguments(settings, options.arguments))
    return EXIT_OK if result.success else EXIT_RED


# dbt's commands that leave the warehouse as it is.
READING_DBT = [[name] for name in ("compile", "docs", "list", "ls", "parse", "show", "test")]


@dataclass(frozen=True)
class Argument:
    """An argument of a command, as argparse's add_argument has it."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """A command: its name, what it is for, what it does, and its arguments."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    arguments: tuple[Argument, ...] = ()


MONTH = Argument("month")
COMMANDS = (
    Command(
        "close",
        "close one month, such as 2026-10",
        _close,
        (
            MONTH,
            Argument(
                "--known-until",
                {
                    "metavar": "MOMENT",
                    "help": "use what was known at this moment (ISO, UTC), later than planned: "
                    "takes in a load that corrects a refused one",
                },
            ),
        ),
    ),
    Command(
        "backfill",
        "close a range of months in order",
        _backfill,
        (Argument("first"), Argument("last")),
    ),
    Command(
        "preview",
        "show the open month, as far as it is known, in the schema marts_open",
        _preview,
    ),
    Command(
        "recheck", "compare all closed months with what is known now, as each close does", _recheck
    ),
    Command(
        "restatements",
        "closed months that would come out otherwise now, and why",
        _restatements,
        (Argument("--limit", {"type": int, "default": 20, "help": "cells to show of each (20)"}),),
    ),
    Command(
        "restate",
        "publish the pending restatement of a month as its next edition",
        _restate,
        (MONTH,),
    ),
    Command(
        "publish-postgres",
        "bring PostgreSQL to the published release, where a close did not",
        _publish_postgres,
        (
            Argument(
                "--all-months",
                {"action": "store_true", "help": "write every row anew, not changed months alone"},
            ),
        ),
    ),
    Command(
        "postgres-roles",
        "create roles of readers on PostgreSQL: analysts, managers with their own rows, admins",
        _postgres_roles,
    ),
    Command(
        "pack",
        "write a published month for people: page, workbook, print, registers of managers",
        _pack,
        (
            MONTH,
            Argument(
                "--send",
                {"action": "store_true", "help": "by mail to those who have not been sent it yet"},
            ),
        ),
    ),
    Command(
        "replay",
        "compute an edition again from the kept loads and compare it by hash",
        _replay,
        (
            MONTH,
            Argument(
                "--edition",
                {"type": int, "metavar": "NUMBER", "help": "the latest when left out"},
            ),
        ),
    ),
    Command("status", "what is closed, what is due, what was delivered", _status),
    Command(
        "check-crm",
        "what a CRM's delivered loads lack for the reports, and what to mend",
        _check_crm,
        (
            Argument("crm", {"help": "folder of dbt_project/models/staging, such as onec"}),
            Argument("--month", {"help": "month whose reports are tried, such as 2026-10"}),
        ),
    ),
    Command(
        "quarantine",
        "unusable rows as of the last build: reason, file, line, raw row",
        _quarantine,
        (
            Argument("--source", {"help": "of this source alone"}),
            Argument("--table", {"help": "of this raw table alone"}),
            Argument("--all", {"action": "store_true", "help": "those mended since as well"}),
            Argument("--limit", {"type": int, "default": 50, "help": "rows to show (50)"}),
        ),
    ),
    Command("sql", "show the rows of a query over the published marts", _sql, (Argument("query"),)),
    Command("demo", "deliver the demo CRM and close its last twelve months", _demo),
    Command(
        "ui",
        "Dagster's web page and scheduler on this machine",
        _ui,
        (Argument("--port", {"default": "3000"}),),
    ),
    Command("prepare", "parse the dbt project for Dagster", _prepare),
    Command(
        "dbt",
        "run dbt with the project's settings, such as: crm-marts dbt ls",
        _dbt,
        (Argument("arguments", {"nargs": argparse.REMAINDER}),),
    ),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="crm-marts",
        description="Closes months of CRM reporting: lands raw loads, builds and checks the report "
        "marts, publishes them.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for command in COMMANDS:
        own = commands.add_parser(command.name, help=command.help)
        own.set_defaults(command=command.run)
        for argument in command.arguments:
            own.add_argument(argument.name, **argument.options)
    return parser


if __name__ == "__main__":
    main()
