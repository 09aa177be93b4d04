"""内容的人 people who write and agree, beside those of the town, and their browsers."""

from dataclasses import dataclass
from datetime import datetime

from django.test import Client
from django.utils import timezone

from shucai.kernel.content import articles, categories, issuing
from shucai.kernel.content.articles import Manuscript
from shucai.kernel.content.issuing import Letter
from shucai.kernel.content.models import Announcement, Article
from shucai.kernel.content.reach import Reach
from shucai.kernel.identity.actor import Actor
from tests import city, people
from tests.browser import town
from tests.people import ROOT

WRITERS = {
    "bianji": ("苏文", "内容编辑岗", ["content.editor"], ROOT),
    "neishen": ("谭静", "内容审核岗", ["content.reviewer"], ROOT),
    "quji": ("区美", "区内容编辑岗", ["content.editor"], "4406/440604"),
}


@dataclass(frozen=True, slots=True)
class World:
    """Actors by login name."""

    actors: dict[str, Actor]

    def client(self, name: str) -> Client:
        client = Client()
        answer = client.post("/login", {"username": name, "password": people.PASSWORD})
        assert answer.status_code == 302
        return client


def build(*, now: datetime | None = None) -> World:
    now = now or timezone.now()
    town.staff(now, WRITERS)
    city.units()
    names = [*town.STAFF, *WRITERS]
    world = World({name: people.actor_of(name, now=now) for name in names})
    categories.add(
        actor=world.actors["bianji"], code="policy", name="政策", parent="", position=1, now=now
    )
    return world


def article(world: World, now: datetime, *, reach: Reach | None = None, title: str = "") -> Article:
    """An article that everybody may read, agreed to by two persons."""
    row = articles.write(
        actor=world.actors["bianji"],
        said=Manuscript(
            category="policy",
            kind="policy",
            title=title or "差旅费管理办法",
            body="## 第一条\n\n出差须事先审批，标准见**附表**。",
            reach=reach or Reach(),
        ),
        now=now,
    )
    articles.submit(actor=world.actors["bianji"], article=row, now=now)
    return articles.review(
        actor=world.actors["neishen"], article=row, is_agreed=True, opinion="", now=now
    )


def announcement(
    world: World, now: datetime, *, must: bool = False, reach: Reach | None = None, level: str = ""
) -> Announcement:
    """Told to those it is meant for."""
    row = issuing.write(
        actor=world.actors["bianji"],
        said=Letter(
            title="年终结账安排",
            body="支付申请请于 **12 月 25 日** 前送审。",
            level=level or "warning",
            is_must_read=must,
            reach=reach or Reach(),
        ),
        now=now,
    )
    row = issuing.submit(actor=world.actors["bianji"], announcement=row, now=now)
    if row.state == "submitted":
        row = issuing.review(
            actor=world.actors["neishen"], announcement=row, is_agreed=True, opinion="", now=now
        )
    return row
