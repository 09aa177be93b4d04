"""`./shucai sign-challenge`: a key file and its PIN answer what the sign-in page asks."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shucai.base.errors import Refused
from shucai.kernel.identity import certificate_login
from shucai.kernel.identity.crypto import keyfile, provider
from shucai.kernel.identity.crypto.provider import ECDSA, SM2
from shucai.site import command
from shucai.site.demo import authority
from shucai.site.demo.authority import Holder, Span

SPAN = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=9))


def holder(algorithm: str) -> Holder:
    if algorithm in provider().missing():
        pytest.skip(provider().missing()[algorithm])
    root = authority.authority("根", algorithm=algorithm, seed=b"r", span=SPAN)
    return authority.issue(root, "甲", algorithm=algorithm, seed=b"a", span=SPAN)


def saved(folder: Path, one: Holder) -> str:
    place = folder / "a.json"
    text = keyfile.written(
        algorithm=one.algorithm,
        private=one.private,
        certificate=one.certificate,
        pin="135790",
        holder="甲",
    )
    place.write_text(text, "utf-8")
    return str(place)


@pytest.mark.parametrize("algorithm", [SM2, ECDSA])
def test_the_line_carries_certificate_and_signature(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    algorithm: str,
) -> None:
    one = holder(algorithm)
    monkeypatch.setenv("SHUCAI_PIN", "135790")

    assert command.main(["sign-challenge", saved(tmp_path, one), "shucai-sign-in:x"]) == 0

    answered = certificate_login.parsed(capsys.readouterr().out)
    assert answered.certificate == one.certificate
    assert provider().verify(algorithm, one.public, b"shucai-sign-in:x", answered.signature)


def test_a_wrong_pin_and_a_missing_file_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = saved(tmp_path, holder(ECDSA))
    monkeypatch.delenv("SHUCAI_PIN", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("000000\n"))

    assert command.main(["sign-challenge", place, "x"]) == 2
    assert "PIN 不正确" in capsys.readouterr().err
    assert command.main(["sign-challenge", str(tmp_path / "none"), "x"]) == 2
    assert "CLI-9049" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["a", "a.", ".b", "a.b.c!"])
def test_lines_of_other_tools_are_refused(line: str) -> None:
    with pytest.raises(Refused, match="IDN-6003"):
        certificate_login.parsed(line)
