"""Array literals say exactly what the list says, however odd the text."""

from shucai.base.arrays import literal


def test_plain_values_become_one_text() -> None:
    assert literal([1, 2, None]) == "{1, 2, null}"
    assert literal(["a", None, "甲,{乙}"]) == '{"a", null, "甲,{乙}"}'
    assert literal([True, False]) == "{true, false}"
    assert literal([]) == "{}"


def test_quotes_and_backslashes_are_escaped() -> None:
    assert literal(['say "x"', "a\\b"]) == '{"say \\"x\\"", "a\\\\b"}'


def test_control_characters_stay_as_they_are() -> None:
    assert literal(["line\nline", 'a "b"\t', None]) == '{"line\nline","a \\"b\\"\t",null}'
