"""A process that hears of releases, and answers each line it reads with what counts now."""

import sys


def main() -> None:
    import django

    django.setup()
    from tests import configuration_world

    from shucai.kernel.configuration import delivery, reading

    delivery.start(kind="web")
    with configuration_world.declared():
        for _ in sys.stdin:
            found = reading.current(
                configuration_world.CODE, "hall", division="440600000", fiscal_year=2026
            )
            sys.stdout.write(f"{found.content['text']}\n")
            sys.stdout.flush()
    delivery.stop()


if __name__ == "__main__":
    main()
