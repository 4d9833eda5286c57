"""Named segments of clients: a YAML file of predicates, checked before dbt compiles them to SQL."""

import datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

# Text that goes into SQL as a literal: engines read backslashes and control characters differently.
PlainText = Annotated[str, Field(min_length=1, pattern=r"^[^\\\x00-\x1f\x7f]+$")]
Values = TypeAdapter(Annotated[list[PlainText], Field(min_length=1)])


class Version(BaseModel):
    """What a segment means from a month on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: datetime.date
    where: dict[str, Any]


class NamedSegment(BaseModel):
    """A segment with its versions, oldest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: PlainText
    versions: list[Version] = Field(min_length=1)

    @model_validator(mode="after")
    def _ascending(self) -> "NamedSegment":
        for earlier, later in pairwise(self.versions):
            if later.valid_from <= earlier.valid_from:
                raise ValueError(
                    f"version {later.valid_from} stands after {earlier.valid_from}; "
                    "list versions from the oldest to the newest"
                )
        return self


def load_named_segments(file: Path, characteristics: list[str]) -> list[NamedSegment]:
    """Read and check the file; ValueError names file and segment."""
    if not file.is_file():
        raise ValueError(f"the file of named segments {file.name} does not exist")
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{file.name} is not YAML: {error}") from None
    if not isinstance(entries, list):
        raise ValueError(f"{file.name} is not a list of segments; write [] for none")
    found: dict[str, NamedSegment] = {}
    for number, entry in enumerate(entries, start=1):
        name = entry.get("segment", number) if isinstance(entry, dict) else number
        try:
            segment = NamedSegment.model_validate(entry)
            for version in segment.versions:
                check_predicate(version.where, characteristics)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{file.name}, segment {name}: {place} {first['msg']}") from None
        except ValueError as error:
            raise ValueError(f"{file.name}, segment {name}: {error}") from None
        if segment.segment in found:
            raise ValueError(f"{file.name}, segment {name}: stands twice")
        found[segment.segment] = segment
    return list(found.values())


def check_predicate(predicate: object, characteristics: list[str]) -> None:
    """Raise ValueError unless it is made of all, any, not and {characteristic: [values]}."""
    if not isinstance(predicate, dict) or len(predicate) != 1:
        raise ValueError("a predicate has exactly one key: all, any, not or a characteristic")
    [(key, content)] = predicate.items()
    if key in ("all", "any"):
        if not isinstance(content, list) or not content:
            raise ValueError(f"{key} needs a list of predicates that is not empty")
        for part in content:
            check_predicate(part, characteristics)
    elif key == "not":
        check_predicate(content, characteristics)
    elif key not in characteristics:
        raise ValueError(
            f"{key!r} is no characteristic; rules.segment_characteristics has "
            + ", ".join(characteristics)
        )
    else:
        try:
            Values.validate_python(content, strict=True)
        except ValidationError:
            raise ValueError(
                f"{key} needs a list of texts that is not empty, without backslashes and "
                "control characters; put numbers and yes/no in quotes"
            ) from None
