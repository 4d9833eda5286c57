"""What dbt makes at its first parse in a process, made before the tests' commands are forked.

It generates the readers and writers of its own classes when they are first used: a second of each
command. Only the fork server of tests/commands.py imports this.
"""

import gc
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner

from orchestration.dbt import SILENT

PROJECT = {
    "dbt_project.yml": "{name: first, version: '1.0', profile: first}",
    "profiles.yml": "first: {target: it, outputs: {it: {type: duckdb, path: ':memory:'}}}",
    "models/one.sql": "select 1 as number",
    "models/one.yml": """{
        models: [{name: one, columns: [{name: number, data_tests: [unique]}]}],
        sources: [{name: crm, tables: [{name: clients}]}],
        exposures: [{name: pack, type: dashboard, owner: {name: sales}}],
        unit_tests: [{name: it, model: one, given: [], expect: {rows: [{number: 1}]}}]}""",
    "macros/two.sql": "{% macro two() %}2{% endmacro %}",
    "seeds/types.csv": "name\ncall\n",
}

with tempfile.TemporaryDirectory() as folder:
    for path, text in PROJECT.items():
        file = Path(folder) / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    command = [*SILENT, "parse", "--project-dir", folder, "--profiles-dir", folder]
    command += ["--no-static-parser"]  # in Rust with threads of its own, which a fork would lack
    for _first_and_as_remembered in range(2):
        parsed = dbtRunner().invoke(command)
        assert parsed.success, parsed.exception

gc.freeze()  # what all commands inherit is not theirs to look through
