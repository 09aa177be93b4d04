"""密码 passwords: what a new one must be like, setting it, and one-time passwords."""

import secrets
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from shucai.base.errors import Finding, Refused
from shucai.kernel import audit
from shucai.kernel.identity import errors
from shucai.kernel.identity.actor import Actor
from shucai.kernel.identity.models import (
    LoginSession,
    NameTrial,
    PasswordHistory,
    SecondFactor,
    SecurityPolicy,
    User,
)
from shucai.kernel.identity.security import policy

LENGTH_MAX: Final = 128
HABIT_LENGTH: Final = 8  # a habit as long as this spoils whatever stands around it
_SETS: Final = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "#%+=@")
_RUNS: Final = ("0123456789", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl")


def findings(password: str, *, user: User, rules: SecurityPolicy) -> list[Finding]:
    """Everything that speaks against the password, apart from its having been used before."""
    found = []
    least = least_length(user, rules)
    if not least <= len(password) <= LENGTH_MAX:
        found.append(
            errors.PASSWORD_SHORT.at("password", length=len(password), least=least, most=LENGTH_MAX)
        )
    classes = len({_class_of(ch) for ch in password})
    if classes < rules.password_classes:
        found.append(
            errors.PASSWORD_SIMPLE.at("password", classes=classes, least=rules.password_classes)
        )
    reason = _obvious(password, user)
    if reason:
        found.append(errors.PASSWORD_OBVIOUS.at("password", reason=reason))
    return found


def least_length(user: User, rules: SecurityPolicy) -> int:
    """A password that stands alone may have to be longer than one with a second factor."""
    if rules.password_single <= rules.password_length:
        return rules.password_length
    has_second = SecondFactor.objects.filter(user_id=user.pk).exists()
    return rules.password_length if has_second else rules.password_single


@lru_cache
def _habits() -> frozenset[str]:
    """Passwords people here take out of habit; our own list, beside Django's of the world."""
    return frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())


def _class_of(ch: str) -> str:
    if ch.isascii() and ch.isupper():
        return "upper"
    if ch.isascii() and ch.islower():
        return "lower"
    return "digit" if ch.isascii() and ch.isdigit() else "other"


def _obvious(password: str, user: User) -> str:
    plain = password.lower()
    for label, text in (
        ("登录名", user.username),
        ("姓名拼音", _full(user)),
        ("手机号", user.phone),
    ):
        if len(text) >= 4 and text.lower() in plain:
            return f"含有{label}"
    if len(set(plain)) <= len(plain) // 3:
        return "由少数字符重复而成"
    if any(run[i : i + 6] in plain for run in _RUNS for i in range(len(run) - 5)):
        return "含有连续的键位或数字"
    bare = "".join(ch for ch in plain if ch.isalnum())
    if bare in _habits() or any(one in bare for one in _habits() if len(one) >= HABIT_LENGTH):
        return "在常见密码之列"
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return "在常见密码之列"
    return ""


def _full(user: User) -> str:
    return user.pinyin.split()[-1] if user.pinyin else ""


def was_used(password: str, *, user: User, count: int) -> bool:
    """The password is the present one or one of the last `count`."""
    if user.password and check_password(password, user.password):
        return True
    old = PasswordHistory.objects.filter(user=user).order_by("-at", "-pk")
    return any(
        check_password(password, digest)
        for digest in old.values_list("password", flat=True)[:count]
    )


def expires_at(user: User, rules: SecurityPolicy) -> datetime | None:
    """When the password must be changed; None when it never has to."""
    if not rules.password_days or user.password_changed_at is None:
        return None
    return user.password_changed_at + timedelta(days=rules.password_days)


def change(
    *, actor: Actor, old: str, new: str, now: datetime, keep_session: int | None = None
) -> None:
    """The person's own new password. Every other session of his ends.

    A wrong old password counts towards lockout like a failed sign-in.
    """
    refusal: Refused | None = None
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
        rules = policy()
        if not user.check_password(old):
            note_failure(user, rules, now=now)
            refusal = errors.PASSWORD_WRONG.refuse(
                "old", failures=rules.failures, minutes=rules.lock_minutes
            )
            audit.record([_row(actor, now, user, "refused")])
            refusal.is_recorded = True
        else:
            found = findings(new, user=user, rules=rules)
            if was_used(new, user=user, count=rules.password_history):
                found.append(errors.PASSWORD_REUSED.at("password", count=rules.password_history))
            if found:
                raise Refused(found)
            _set(user, new, now=now)
            sessions = LoginSession.objects.filter(user=user, ended_at__isnull=True)
            sessions.exclude(pk=keep_session or 0).update(ended_at=now, end_reason="password")
            audit.record([_row(actor, now, user, "done")])
    if refusal is not None:
        raise refusal


def note_failure(counted: User | NameTrial, rules: SecurityPolicy, *, now: datetime) -> None:
    """One more wrong secret; at the limit the name is locked. The row is locked already."""
    counted.failed_attempts += 1
    if counted.failed_attempts >= rules.failures:
        counted.locked_until = now + timedelta(minutes=rules.lock_minutes)
        counted.failed_attempts = 0
    fields = ["failed_attempts", "locked_until"]
    counted.save(update_fields=fields if isinstance(counted, User) else [*fields, "seen_at"])


def locked(counted: User | NameTrial, rules: SecurityPolicy) -> Refused:
    """The same words for everybody and for names that nobody has."""
    until = timezone.localtime(counted.locked_until).strftime("%Y-%m-%d %H:%M")
    return errors.LOCKED.refuse(failures=rules.failures, until=until)


def _set(user: User, new: str, *, now: datetime) -> None:
    if user.password:
        PasswordHistory.objects.create(user=user, password=user.password, at=now)
    user.password = make_password(new)
    user.password_changed_at = now
    user.must_change_password = False
    user.failed_attempts, user.locked_until = 0, None
    user.save(
        update_fields=[
            "password",
            "password_changed_at",
            "must_change_password",
            "failed_attempts",
            "locked_until",
        ]
    )


def give_one_time(user: User, secret: str, *, now: datetime) -> None:
    """A password that must be changed at the next sign-in; every session of the user ends."""
    _set(user, secret, now=now)
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    LoginSession.objects.filter(user=user, ended_at__isnull=True).update(
        ended_at=now, end_reason="password"
    )


def _row(actor: Actor, now: datetime, user: User, result: str) -> audit.AuditRow:
    return audit.AuditRow(
        actor=actor,
        at=now,
        action="identity.change_password",
        target_type="identity.user",
        target=user.username,
        result=result,
    )


def one_time(*, length: int = 16) -> str:
    """A random password with every class of character and none that look alike."""
    chosen = [secrets.choice(letters) for letters in _SETS]
    chosen += [secrets.choice("".join(_SETS)) for _ in range(length - len(_SETS))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
