"""What a new password must be like; one-time passwords keep the rules themselves."""

import pytest

from shucai.kernel.identity import passwords
from shucai.kernel.identity.models import SecurityPolicy, User

USER = User(username="wangfang", name="王芳", pinyin="wf wangfang", phone="13812345678")


def codes(password: str) -> list[str]:
    return [f.code for f in passwords.findings(password, user=USER, rules=SecurityPolicy())]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Lychee#Harbour7", []),
        ("Shucai@2026", []),
        ("Ab1#", ["IDN-2001"]),
        ("x" * 129, ["IDN-2001", "IDN-2002", "IDN-2003"]),
        ("lycheeharbour", ["IDN-2002"]),
        ("WangFang#2026", ["IDN-2003"]),
        ("Tel#13812345678", ["IDN-2003"]),
        ("Harbour#123456", ["IDN-2003"]),
        ("Qwertyuiop1#", ["IDN-2003"]),
        ("Aa1Aa1Aa1Aa1", ["IDN-2003"]),
        ("password1", ["IDN-2001", "IDN-2002", "IDN-2003"]),
    ],
)
def test_each_fault_is_told(password: str, expected: list[str]) -> None:
    assert codes(password) == expected


def test_one_time_passwords_keep_the_rules_and_differ() -> None:
    made = {passwords.one_time() for _ in range(50)}

    assert len(made) == 50
    assert all(codes(password) == [] for password in made)
