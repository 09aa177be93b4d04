"""周期 rhythm: what a cron text means, in words; five parts: minute, hour, day, month, weekday."""

import re
from typing import Final

_WEEK: Final = "日一二三四五六日"
_EVERY: Final = re.compile(r"^\*/([0-9]{1,2})$")


def in_words(text: str) -> str:
    """`30 2 * * *` is 每天 02:30; a text that is none of the usual ones stays as it is."""
    parts = text.split()
    if len(parts) != 5:
        return text
    minute, hour, day, month, weekday = parts
    span = _EVERY.match(minute)
    if span and parts[1:] == ["*"] * 4:
        return f"每 {int(span[1])} 分钟"
    if not minute.isdigit():
        return text
    if parts[1:] == ["*"] * 4:
        return f"每小时第 {int(minute)} 分"
    when = _day(day, month, weekday)
    if not hour.isdigit() or not when:
        return text
    return f"{when} {int(hour):02}:{int(minute):02}"


def _day(day: str, month: str, weekday: str) -> str:
    """The day in words, or nothing for a combination out of the usual."""
    if (day, month, weekday) == ("*", "*", "*"):
        return "每天"
    if (day, month) == ("*", "*") and weekday.isdigit() and int(weekday) < len(_WEEK):
        return f"每周{_WEEK[int(weekday)]}"
    if (month, weekday) == ("*", "*") and day.isdigit():
        return f"每月 {int(day)} 日"
    if weekday == "*" and day.isdigit() and month.isdigit():
        return f"每年 {int(month)} 月 {int(day)} 日"
    return ""
