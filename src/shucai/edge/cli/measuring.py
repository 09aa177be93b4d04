"""性能测量 bench: runs one measurement in scratch databases and prints its ratios."""

from argparse import Namespace

from shucai.edge.bench import suite
from shucai.edge.cli import errors, output


def bench(given: Namespace) -> int:
    """`shucai bench NAME`: 1 when a target is missed."""
    if given.name not in {*suite.NAMES, "all"}:
        known = "、".join([*suite.NAMES, "all"])
        raise errors.UNKNOWN_BENCH.refuse("name", name=given.name, known=known)
    names = list(suite.NAMES) if given.name == "all" else [given.name]
    figures = []
    for name in names:
        wish = suite.Wish(rounds=given.rounds, seconds=given.seconds, size=given.size)
        figures += suite.run(name, wish, tell=None if given.json else output.complain)
    if given.json:
        output.say_json([figure.as_dict() for figure in figures])
    else:
        for figure in figures:
            output.say(figure.text)
    return output.GOOD if all(figure.met for figure in figures) else output.FAILED
