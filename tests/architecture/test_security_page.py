"""The security page names only tests that exist."""

import re

import pytest
from tests.database_server import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[f"{p}::{n}" for p, n in NAMED])
def test_every_named_test_exists(path: str, name: str) -> None:
    file = ROOT / path

    assert file.is_file(), path
    assert not name or re.search(rf"^def {name}\(", file.read_text("utf-8"), re.MULTILINE)


def test_the_page_names_enough_to_be_worth_reading() -> None:
    assert len(NAMED) >= 40
