"""Local values offered to other divisions: seen as a difference, taken over, withdrawn."""

from dataclasses import replace

import pytest
from django.db import DatabaseError, connection, transaction
from tests import city
from tests.city import CLERK, DAY, DISTRICT, DISTRICT_KEEPER, KEEPER
from tests.people import CITY, NOW

from shucai.base.errors import Refused
from shucai.kernel.masterdata import codes, editing, publishing, values
from shucai.kernel.masterdata.editing import Place
from shucai.kernel.masterdata.models import Division, Publication

OTHER = "440605000"
OTHER_KEEPER = replace(KEEPER, user_id=903, scope_path="4406/440605", division=OTHER)
LOCAL = Place("functional", 2026, DISTRICT)


@pytest.fixture
def kindergarten(db: None) -> None:
    city.functional()
    city.units()
    Division.objects.create(code9=OTHER, name="南海区", path="4406/440605", level=1)
    codes.change_rule(
        actor=KEEPER,
        value_set="functional",
        fiscal_year=2026,
        rule=codes.Rule((3, 2, 2, 2)),
        now=NOW,
    )
    for number, name in (("01", "区属幼儿园"), ("02", "村居幼儿园")):
        editing.add(
            actor=DISTRICT_KEEPER,
            place=LOCAL,
            code=f"2050201{number}",
            name=name,
            parent="2050201",
            now=NOW,
        )


def publish(*targets: str) -> Publication:
    return publishing.publish(
        actor=DISTRICT_KEEPER, place=LOCAL, title="幼儿园细分", targets=targets, now=NOW
    )


def test_others_see_the_difference_and_take_it_over(kindergarten: None) -> None:
    made = publish(OTHER)

    seen = publishing.preview(actor=OTHER_KEEPER, publication=made.pk)
    taken = publishing.take(actor=OTHER_KEEPER, publication=made.pk, now=NOW, digest=seen.digest)

    assert [row.code for row in seen.added] == ["205020101", "205020102"]
    assert (taken.added, taken.changed, taken.actor_name) == (2, 0, OTHER_KEEPER.name)
    assert values.usable("functional", 2026, "205020101", on=DAY, division=OTHER) is None
    assert values.usable("functional", 2026, "205020101", on=DAY, division=CITY) is not None
    assert [one.division for one in publishing.takings(made.pk)] == [OTHER]
    with pytest.raises(Refused, match="MAS-4004"):
        publishing.take(actor=OTHER_KEEPER, publication=made.pk, now=NOW)


def test_a_renamed_value_is_offered_again_as_a_change(kindergarten: None) -> None:
    publishing.take(actor=OTHER_KEEPER, publication=publish().pk, now=NOW)
    editing.change(actor=DISTRICT_KEEPER, place=LOCAL, code="205020102", name="社区幼儿园", now=NOW)

    seen = publishing.preview(actor=OTHER_KEEPER, publication=publish().pk)

    assert [(c.code, c.fields["name"]) for c in seen.changed if "name" in c.fields] == [
        ("205020102", ("村居幼儿园", "社区幼儿园"))
    ]
    assert seen.stopped == ()


def test_what_is_not_offered_is_not_taken(kindergarten: None) -> None:
    made = publish(CITY)

    with pytest.raises(Refused, match=r"没有发布给区划 440605000.*MAS-7003"):
        publishing.take(actor=OTHER_KEEPER, publication=made.pk, now=NOW)
    with pytest.raises(Refused, match="本区划自己的编码"):
        publishing.take(actor=DISTRICT_KEEPER, publication=made.pk, now=NOW)
    with pytest.raises(Refused, match="MAS-2002"):
        publishing.withdraw(actor=OTHER_KEEPER, publication=made.pk, now=NOW)
    with pytest.raises(Refused, match="MAS-2001"):
        publishing.take(actor=replace(CLERK, division=CITY), publication=made.pk, now=NOW)
    publishing.withdraw(actor=DISTRICT_KEEPER, publication=made.pk, now=NOW)
    with pytest.raises(Refused, match="已经收回"):
        publishing.take(actor=KEEPER, publication=made.pk, now=NOW)
    assert made not in publishing.visible(OTHER_KEEPER)
    assert made in publishing.visible(KEEPER)


def test_nothing_and_nowhere_are_refused(kindergarten: None) -> None:
    with pytest.raises(Refused, match="MAS-7002"):
        publish(DISTRICT)
    with pytest.raises(Refused, match="MAS-7002"):
        publish("999999999")
    with pytest.raises(Refused, match="MAS-7001"):
        publishing.publish(
            actor=OTHER_KEEPER, place=Place("functional", 2026, OTHER), title="空", now=NOW
        )


def test_a_publication_stays_as_it_was(kindergarten: None) -> None:
    made = publish()

    for statement in (
        "UPDATE masterdata_publication SET title = '改'",
        "DELETE FROM masterdata_publication",
        "DELETE FROM masterdata_publicationtaking",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Publication.objects.get(pk=made.pk).count == 2
