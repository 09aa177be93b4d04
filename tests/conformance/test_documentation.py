"""Generated pages say what the source says today; fragments are ready for the change log."""

from pathlib import Path

import pytest

from shucai.edge.cli import documentation
from shucai.site import changelog

ROOT = Path(__file__).resolve().parents[2]
PAGES = documentation.pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_up_to_date(name: str) -> None:
    path = ROOT / "docs" / name

    assert path.exists(), "run ./shucai docs"
    assert path.read_text(encoding="utf-8") == PAGES[name], "run ./shucai docs"


def test_no_page_is_left_of_a_domain_that_is_gone() -> None:
    kept = {f"domains/{path.name}" for path in (ROOT / "docs" / "domains").glob("*.md")}

    assert kept == {name for name in PAGES if name.startswith("domains/")}


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    first, second = documentation.write(tmp_path), documentation.write(tmp_path)

    assert {str(path.relative_to(tmp_path)) for path in first} == set(PAGES)
    assert second == []


def test_every_fragment_can_stand_in_the_change_log() -> None:
    """CHANGELOG.md itself is put together at a release, not with every change."""
    fragments = [p for p in (ROOT / "changes").rglob("*.md") if p.name != "README.md"]

    assert changelog.build(ROOT).count("\n- ") == len(fragments)
