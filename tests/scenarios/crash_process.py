"""A clerk who submits batch after batch and says what was answered, until somebody kills him.

`python -m tests.scenarios.crash_process NAME`; one JSON line for every answered batch.
"""

import json
import sys
from itertools import count


def main(name: str) -> None:
    import django

    django.setup()
    from django.db import transaction
    from tests import factories

    from shucai.kernel.identity import scope
    from shucai.kernel.ledger.models import LedgerAccount
    from shucai.kernel.masterdata.models import Unit

    def unit(code: str, path: str) -> Unit:
        return Unit.objects.get(code=code, path__startswith=path)

    school, other = unit("105001", factories.CITY), unit("205001", factories.CITY)
    finance, district = unit("301001", factories.CITY), unit("105001", factories.DISTRICT)
    people = factories.people_of(school, other, finance, district)
    world = factories.World(school, other, finance, district, people)
    with transaction.atomic():
        scope.apply(world.people["clerk"])
        allotment = LedgerAccount.objects.get(number=sys.argv[2]).number
    for turn in count(1):
        made = [world.payment(allotment, "1.00").address for _ in range(6)]
        outcome = world.do(
            "payment.application",
            made,
            "submit",
            "clerk",
            mode="each",
            key=f"{name}-{turn}",
        )
        print(json.dumps([r.number for r in outcome.results if r.ok]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
