"""图 diagrams drawn on the server: an approval route as a way down, a document type as its states.

Only places and paths are computed here; what they look like is in the style sheet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from shucai.kernel.document import routing
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.workflow.declare import Move
from shucai.kernel.workflow.routes import Node

BOX: Final = (216, 64)
GAP: Final = 60
LANE: Final = 34
COLUMN: Final = 216 + LANE + 132
FEWEST_ROWS: Final = 5
TOP: Final = 46
STATE: Final = (136, 40)
STATE_GAP: Final = 46
ARC: Final = 44


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with its lines of text, the first one bold."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]
    look: str
    title: str = ""

    @property
    def texts(self) -> list[tuple[int, str]]:
        """The baseline of each line."""
        first = self.y + self.height // 2 - 9 * (len(self.lines) - 1) + 4
        return [(first + 18 * n, line) for n, line in enumerate(self.lines)]

    @property
    def middle(self) -> int:
        return self.x + self.width // 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A line with an arrow, and what is written beside it."""

    path: str
    labels: tuple[str, ...] = ()
    x: int = 0
    y: int = 0
    anchor: str = "start"
    look: str = "plain"
    title: str = ""

    @property
    def texts(self) -> list[tuple[int, str]]:
        return [(self.y + 15 * n, line) for n, line in enumerate(self.labels)]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole picture; `said` is what it shows, for those who can't see it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    said: str


def clipped(text: str, width: float, *, lines: int = 1) -> tuple[str, ...]:
    """The text in lines of so many Chinese characters; what is too much ends in an ellipsis."""
    found, line, used = [], "", 0.0
    for letter in text:
        size = 0.56 if letter.isascii() else 1.0
        if used + size > width:
            found.append(line)
            line, used = "", 0.0
            if len(found) == lines:
                found[-1] = found[-1][:-1] + "…"
                return tuple(found)
        line, used = line + letter, used + size
    return tuple([*found, line] if line else found)


# A route


def route(
    kind: DocumentType, move: Move, nodes: Sequence[Node], *, met: Collection[int] | None = None
) -> Diagram:
    """From the state before the review to the one after it; with `met` the way of one document."""
    count = len(nodes) + 2
    rows = max(FEWEST_ROWS, (count + 1) // 2)  # two columns at most, so that a page shows them
    boxes = [_end(_at(0, rows), kind.state_label(move.source), "start")]
    boxes += [_node_box(_at(place, rows), node, met) for place, node in enumerate(nodes, start=1)]
    boxes.append(_end(_at(count - 1, rows), kind.state_label(move.target), "end"))
    edges: list[Edge] = []
    for place, (above, below) in enumerate(pairwise(boxes)):
        node = nodes[place] if place < len(nodes) else None
        edges.append(_down(above, below, routing.conditions(node) if node else ""))
    for node, box in zip(nodes, boxes[1:], strict=False):
        if routing.conditions(node):
            edges.append(_around(box, met is not None and node.seq not in met))
    columns = (count + rows - 1) // rows
    said = " → ".join(node.name for node in nodes)
    return Diagram(
        width=columns * COLUMN + 8,
        height=TOP + min(count, rows) * BOX[1] + (min(count, rows) - 1) * GAP + 26,
        boxes=tuple(boxes),
        edges=tuple(edges),
        said=f"{kind.state_label(move.source)} → {said} → {kind.state_label(move.target)}",
    )


def _at(place: int, rows: int) -> tuple[int, int]:
    column, row = divmod(place, rows)
    return column * COLUMN + LANE, TOP + row * (BOX[1] + GAP)


def _end(at: tuple[int, int], label: str, look: str) -> Box:
    x, y = at
    return Box(x, y, *BOX, (label,), look)


def _node_box(at: tuple[int, int], node: Node, met: Collection[int] | None) -> Box:
    x, y = at
    look = "plain" if met is None else ("met" if node.seq in met else "passed")
    how = f"{routing.MODES[node.mode]} · " + (f"{node.hours} 小时" if node.hours else "不限时")
    lines = (*clipped(f"{node.seq} {node.name}", 15), *clipped(routing.duties(node), 16), how)
    return Box(x, y, *BOX, lines, look, title=f"{node.name}：{routing.duties(node)}")


def _down(above: Box, below: Box, condition: str) -> Edge:
    """Straight down, or over to the top of the next column."""
    bottom = above.y + above.height
    if above.x == below.x:
        path = f"M{above.middle} {bottom}V{below.y - 2}"
    else:
        between = below.x - LANE - 12
        path = (
            f"M{above.middle} {bottom}V{bottom + 18}H{between}V{below.y - 36}"
            f"H{below.middle}V{below.y - 2}"
        )
    labels = clipped(condition, 17, lines=2)
    return Edge(path, labels, below.middle + 9, below.y - 27 - 8 * len(labels) + 8, title=condition)


def _around(box: Box, is_taken: bool) -> Edge:
    """Past a node whose condition doesn't hold."""
    left = box.x - LANE + 12
    bottom = box.y + box.height
    path = f"M{box.middle} {box.y - 20}H{left}V{bottom + 14}H{box.middle - 3}"
    look = "taken" if is_taken else "around"
    return Edge(path, ("否",), left + 4, box.y + box.height // 2 + 4, look=look)


# The states of a document type


def flow(kind: DocumentType) -> Diagram:
    """The states one below the other; moves back at the left, moves past a state at the right."""
    order = list(kind.states.values)
    pairs: dict[tuple[int, int], list[str]] = {}
    for move in kind.flow:
        pairs.setdefault((order.index(move.source), order.index(move.target)), []).append(
            move.label
        )
    back = _lanes([pair for pair in pairs if pair[1] <= pair[0]])
    past = _lanes([pair for pair in pairs if pair[1] > pair[0] + 1])
    left = (max(back.values(), default=-1) + 1) * ARC + 20
    boxes = [
        Box(left, 8 + n * (STATE[1] + STATE_GAP), *STATE, (str(label),), _look(kind, state))
        for n, (state, label) in enumerate(kind.states.choices)
    ]
    edges = []
    for pair, labels in pairs.items():
        said, (one, other) = "、".join(labels), pair
        if pair in back:
            edges.append(_arc(boxes[one], boxes[other], said, -1, back[pair]))
        elif pair in past:
            edges.append(_arc(boxes[one], boxes[other], said, 1, past[pair]))
        else:
            top = boxes[one].y + STATE[1]
            path = f"M{boxes[one].middle} {top}V{boxes[other].y - 2}"
            edges.append(Edge(path, (said,), boxes[one].middle + 9, top + STATE_GAP // 2 + 4))
    right = (max(past.values(), default=-1) + 1) * ARC + 60
    return Diagram(
        width=left + STATE[0] + right,
        height=boxes[-1].y + STATE[1] + 10,
        boxes=tuple(boxes),
        edges=tuple(edges),
        said="；".join(
            f"{kind.state_label(m.source)} {m.label} {kind.state_label(m.target)}"
            for m in kind.flow
        ),
    )


def _look(kind: DocumentType, state: str) -> str:
    if state == kind.initial:
        return "start"
    if state in kind.void:
        return "void"
    return "end" if state in kind.final else "plain"


def _lanes(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Each arc in the innermost lane where it crosses no other; short ones first."""
    lanes: dict[tuple[int, int], int] = {}
    for pair in sorted(pairs, key=lambda p: (abs(p[0] - p[1]), p)):
        low, high = sorted(pair)
        taken = {lane for other, lane in lanes.items() if min(other) < high and low < max(other)}
        lanes[pair] = next(n for n in range(len(pairs) + 1) if n not in taken)
    return lanes


def _arc(one: Box, other: Box, said: str, side: int, lane: int) -> Edge:
    start = one.x if side < 0 else one.x + one.width
    far = start + side * (ARC * (lane + 1) - 14)
    begin, end = one.y + one.height // 2 - 8 * side, other.y + other.height // 2 + 8
    path = f"M{start} {begin}H{far}V{end}H{start + side * 2}"
    return Edge(
        path, (said,), far, (begin + end) // 2 + 4, "middle", "back" if side < 0 else "past"
    )
