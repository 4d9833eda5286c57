"""Shared by the tests: a data folder of their own and the command line as users call it."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_DIR

COMMAND = str(Path(sys.executable).with_name("crm-marts"))


@dataclass
class Installation:
    """The project with a raw and a data folder of its own."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def data(self) -> Path:
        return self.home / "data"

    def environment(self, **more: str) -> dict[str, str]:
        own = {"CRM_MARTS_RAW_DIR": str(self.raw), "CRM_MARTS_DATA_DIR": str(self.data)}
        return {**os.environ, **own, **self.variables, **more}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment(**more),
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("installation"))
