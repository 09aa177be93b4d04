"""Every word of a domain stands in docs/glossary.toml, with the label that screens show."""

import re
import tomllib
from pathlib import Path

import pytest

from shucai.kernel.document.declare import DocumentType, types

GLOSSARY = tomllib.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "glossary.toml").read_text(encoding="utf-8")
)
KINDS = list(types().values())


def _words(kind: DocumentType) -> list[tuple[str, str]]:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.model.__name__).lower()
    found = [(snake, kind.name)]
    found += [(f.name, str(f.verbose_name)) for f in [*kind.fields(), *kind.line_fields()]]
    found += [(value, str(label)) for value, label in kind.states.choices]
    return found


def test_entries_are_whole() -> None:
    for code, entry in GLOSSARY.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert all(entry[name] for name in ("zh", "en", "definition", "source")), code


@pytest.mark.parametrize("kind", KINDS, ids=[k.code for k in KINDS])
def test_words_and_labels_of_the_type_are_known(kind: DocumentType) -> None:
    missing = []
    for code, label in _words(kind):
        entry = GLOSSARY.get(code)
        if entry is None or label not in {entry["zh"], *entry.get("labels", [])}:
            missing.append(f"{code} = {label}")

    assert not missing, missing
