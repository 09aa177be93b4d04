"""路线表单 the form of a route: its nodes as typed, and what a button does to them."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict

from shucai.kernel.document import routing

BLANK: Final[Mapping[str, Any]] = {
    "name": "",
    "duties": [],
    "mode": "any",
    "condition": "",
    "amount_from": "",
    "amount_to": "",
    "hours": 24,
    "may_hand_over": True,
    "may_add_signer": True,
}


def read(said: QueryDict) -> dict[str, Any]:
    """The content as typed; what is no figure stays as it is and is told by the check."""
    count = said.get("count", "0")
    number = min(int(count), routing.NODES_MAX + 1) if count.isascii() and count.isdigit() else 0
    nodes = [_node(said, f"{place}.") for place in range(1, number + 1)]
    return {"nodes": nodes, "remark": said.get("remark", "").strip()[:400]}


def _node(said: QueryDict, at: str) -> dict[str, Any]:
    def text(name: str) -> str:
        return said.get(at + name, "").strip()

    hours = text("hours") or "0"
    return {
        "name": text("name"),
        "duties": said.getlist(at + "duties"),
        "mode": text("mode"),
        "condition": text("condition"),
        "amount_from": text("amount_from").replace(",", "").replace("，", ""),
        "amount_to": text("amount_to").replace(",", "").replace("，", ""),
        "hours": int(hours) if hours.isascii() and hours.isdigit() else hours[:10],
        "may_hand_over": at + "may_hand_over" in said,
        "may_add_signer": at + "may_add_signer" in said,
    }


def changed(content: Mapping[str, Any], act: str) -> dict[str, Any]:
    """The content after a node was added, moved or removed; `act` is a word and a place."""
    nodes = list(content["nodes"])
    word, _, said = act.partition(".")
    place = int(said) - 1 if said.isascii() and said.isdigit() else -1
    if word == "add":
        nodes.insert(place + 1 if said else len(nodes), dict(BLANK))
    elif word == "remove" and 0 <= place < len(nodes):
        del nodes[place]
    elif word == "up" and 0 < place < len(nodes):
        nodes[place - 1], nodes[place] = nodes[place], nodes[place - 1]
    elif word == "down" and 0 <= place < len(nodes) - 1:
        nodes[place + 1], nodes[place] = nodes[place], nodes[place + 1]
    return {**content, "nodes": nodes}
