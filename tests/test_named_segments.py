"""Named segments: what the file may say, and how an error is told."""

from pathlib import Path

import pytest

from orchestration.named_segments import load_named_segments

CHARACTERISTICS = ["client_class", "region"]
HEAD = "- segment: key\n  title: Key\n  versions:\n    - valid_from: 2024-01-01\n      where: "
SECOND = "    - valid_from: 2024-01-01\n      where: {region: [North]}\n"
BAD = {
    "{colour: [red]}": "'colour' is no characteristic; rules.segment_characteristics has client_cl",
    "{client_class: []}": "client_class needs a list of texts that is not empty",
    "{client_class: A}": "client_class needs a list of texts",
    "{client_class: [1]}": "put numbers and yes/no in quotes",
    '{client_class: ["a\\\\b"]}': "without backslashes",
    '{client_class: ["a\\nb"]}': "control characters",
    "{all: []}": "all needs a list of predicates that is not empty",
    "{any: {region: [North]}}": "any needs a list of predicates",
    "{not: [{region: [North]}]}": "a predicate has exactly one key",
    "{client_class: [A], region: [North]}": "a predicate has exactly one key",
    "{client_class: [A]}\n" + SECOND: "list versions from the oldest to the newest",
    "{client_class: [A]}\n  colour: red": "colour Extra inputs are not permitted",
    "{client_class: [A]}\n- segment: Key!": "segment Key!: segment String should match",
    "{client_class: [A]}\n" + HEAD + "{region: [North]}": "stands twice",
    "{client_class: [A": "is not YAML",
}


def read(folder: Path, text: str) -> list[str]:
    """Names of the segments that a file with this text has."""
    file = folder / "segments.yml"
    file.write_text(text, encoding="utf-8")
    return [segment.segment for segment in load_named_segments(file, CHARACTERISTICS)]


@pytest.mark.parametrize("where", BAD)
def test_a_wrong_segment_is_refused_by_name(tmp_path: Path, where: str) -> None:
    with pytest.raises(ValueError, match=r"segments\.yml") as refused:
        read(tmp_path, HEAD + where)
    assert BAD[where] in str(refused.value)


def test_predicates_nest(tmp_path: Path) -> None:
    where = (
        '{all: [{not: {region: [North, South]}}, {any: [{client_class: [A, "it\'s {{ x }}"]}]}]}'
    )
    assert read(tmp_path, HEAD + where) == ["key"]
    assert read(tmp_path, "[]") == []


def test_an_absent_file_or_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        load_named_segments(tmp_path / "none.yml", CHARACTERISTICS)
    with pytest.raises(ValueError, match="not a list of segments"):
        read(tmp_path, "key: {title: Key}")
