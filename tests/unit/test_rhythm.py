"""Cron texts in the words of those who watch the clock."""

import pytest

from shucai.base import rhythm


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*/30 * * * *", "每 30 分钟"),
        ("5 * * * *", "每小时第 5 分"),
        ("30 2 * * *", "每天 02:30"),
        ("0 6 * * 1", "每周一 06:00"),
        ("0 6 * * 0", "每周日 06:00"),
        ("15 9 1 * *", "每月 1 日 09:15"),
        ("0 0 31 12 *", "每年 12 月 31 日 00:00"),
        ("0 6-8 * * *", "0 6-8 * * *"),
        ("0 6 1 * 1", "0 6 1 * 1"),
        ("每天", "每天"),
        ("", ""),
    ],
)
def test_a_rhythm_is_told_in_words(text: str, told: str) -> None:
    assert rhythm.in_words(text) == told
