"""A worker with one slow job, for tests that kill it: `python -m tests.database.worker_process`.

The job writes a line per step and guards nothing: what is asserted is how often it runs to its
end, and that a step interrupted half way is taken back by the database.
"""

import sys
import time
from typing import Any


def main(name: str) -> None:
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from shucai.kernel.jobs.declare import task
    from shucai.kernel.jobs.work import Work
    from shucai.kernel.jobs.worker import Worker

    @task(code="test.slow", name="慢任务", attempts=3)
    def slow(work: Work) -> dict[str, Any]:
        """Adds up ten steps in one transaction, and tells its progress outside it."""
        with transaction.atomic(), connection.cursor() as cursor:
            for step in range(1, 11):
                cursor.execute(
                    "INSERT INTO django_session VALUES (%s, %s, now())",
                    [f"{work.run_id}-{step}", name],
                )
                work.progress(step, 10)
                time.sleep(work.args["pause"])
        return {"by": name}

    Worker(name=name, clock=timezone.now).run()


if __name__ == "__main__":
    main(sys.argv[1])
