"""演示的配置 what is configured in the demo city: proposed by one officer, published by another."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from shucai.kernel.configuration import drafts, releases
from shucai.kernel.configuration.declare import Content, Place
from shucai.kernel.document import routing
from shucai.kernel.identity.actor import Actor
from shucai.kernel.workflow.routes import Node

LARGE: Final = Decimal(500_000)
PAYMENT_ROUTE: Final[Content] = {
    "nodes": [
        routing.data_of(node)
        for node in (
            Node(seq=1, name="单位审核", duties=("payment.reviewer",), hours=24),
            Node(
                seq=2,
                name="单位负责人审批",
                duties=("payment.leader",),
                hours=48,
                amount_from=LARGE,
            ),
        )
    ],
    "remark": "单笔五十万元以上的支付由单位负责人审批",
}
NOTE: Final = "单笔 50 万元以上的支付申请由单位负责人审批"


def publish(actors: Mapping[str, Actor], *, at: datetime) -> None:
    """Documents that are under way go on without the route; new ones follow it."""
    place = Place("route", "payment.application:approve")
    editor, publisher = actors["xitong"], actors["anquan"]
    draft = drafts.save(actor=editor, place=place, content=PAYMENT_ROUTE, version=0, now=at)
    release = releases.propose(actor=editor, place=place, note=NOTE, version=draft.version, now=at)
    releases.publish(actor=publisher, release_id=release.pk, opinion="同意", now=at)
