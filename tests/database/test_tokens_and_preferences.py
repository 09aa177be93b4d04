"""API tokens act as their owner for a time; preferences belong to one person."""

from datetime import timedelta

import pytest
from tests import people
from tests.people import NOW, Staff

from shucai.base.errors import Refused
from shucai.kernel.identity import preferences, rights, tokens
from shucai.kernel.identity.models import ApiToken


@pytest.fixture
def staff(db: None) -> Staff:
    return people.appoint()


def create(staff: Staff, *, days: int = 30) -> tokens.Created:
    return tokens.create(
        actor=staff.clerk,
        name="单位财务系统",
        scopes=["documents.read", "documents.act:payment"],
        expires_at=NOW + timedelta(days=days),
        now=NOW,
    )


def test_a_token_acts_as_its_owner_until_it_expires(staff: Staff) -> None:
    made = create(staff)

    found = tokens.find(made.secret, now=NOW, ip="10.1.1.1", trace_id="abc")

    assert found is not None
    assert found.actor.scope_path == people.UNIT
    assert found.actor.channel == "api"
    assert found.scopes == {"documents.read", "documents.act:payment"}
    assert tokens.verify(made.secret, now=NOW + timedelta(days=30)) is None
    assert tokens.verify(made.secret + "x", now=NOW) is None
    assert made.secret not in str(ApiToken.objects.values_list())


def test_a_revoked_token_is_dead_at_once(staff: Staff) -> None:
    made = create(staff)

    with pytest.raises(Refused, match="IDN-3008"):
        tokens.revoke(actor=staff.reviewer, token_id=made.id, now=NOW)
    tokens.revoke(actor=staff.clerk, token_id=made.id, now=NOW)

    assert tokens.verify(made.secret, now=NOW) is None


def test_a_token_ends_with_the_appointment(staff: Staff) -> None:
    made = create(staff)
    change = rights.propose(
        actor=staff.system,
        kind="appointment.end",
        payload={"appointment_id": staff.clerk.appointment_id},
        reason="调离",
        now=NOW,
    )
    rights.approve(actor=staff.security, change_id=change.pk, opinion="同意", now=NOW)

    assert tokens.verify(made.secret, now=NOW) is None


def test_a_token_lives_a_year_at_most_and_needs_scopes(staff: Staff) -> None:
    with pytest.raises(Refused, match=r"不超过 365 天.*IDN-4001"):
        create(staff, days=366)
    with pytest.raises(Refused, match="IDN-4002"):
        tokens.create(
            actor=staff.clerk,
            name="空",
            scopes=[],
            expires_at=NOW + timedelta(days=1),
            now=NOW,
        )


def test_twenty_tokens_are_enough(staff: Staff) -> None:
    for _ in range(20):
        create(staff)

    with pytest.raises(Refused, match=r"已有 20 个有效令牌，上限 20 个.*IDN-4003"):
        create(staff)


def test_preferences_are_kept_by_key(staff: Staff) -> None:
    user = staff.clerk.user_id
    preferences.put(user, "list:payment.application:columns", ["number", "amount"])
    preferences.put(user, "list:payment.application:columns", ["number"])

    assert preferences.get(user, "list:payment.application:columns") == ["number"]
    assert preferences.get_all(user, "list:") == {"list:payment.application:columns": ["number"]}
    assert preferences.get(staff.reviewer.user_id, "list:payment.application:columns", 1) == 1
    with pytest.raises(Refused, match=r"上限 32768 字节.*IDN-5001"):
        preferences.put(user, "x", "长" * 20_000)
    preferences.remove(user, "list:payment.application:columns")
    assert preferences.get(user, "list:payment.application:columns") is None
