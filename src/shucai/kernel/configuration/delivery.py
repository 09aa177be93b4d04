"""送达 delivery: a thread per process that hears of a new version, drops the cache, acknowledges.

It listens on a connection of its own and looks every two seconds besides, so that a lost
notification costs two seconds. While its connection is lost, readers look at the version row
themselves. It dies with the process and never keeps it alive.
"""

import atexit
import logging
import os
import socket
import threading
import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import DatabaseError, connections

from shucai.kernel.configuration import reading
from shucai.kernel.configuration.models import Process

LOG: Final = logging.getLogger("shucai.configuration")
APPLICATION: Final = "shucai-configuration"
LOOK_SECONDS: Final = 2.0
BEAT_LOOKS: Final = 5  # a sign of life every ten seconds
ALIVE_SECONDS: Final = 30
GONE_SECONDS: Final = 120
_LOST: Final = (psycopg.Error, DatabaseError, OSError)

_VERSION: Final = "SELECT serial, version FROM configuration_configurationversion WHERE id = 1"
_SIGN: Final = """
INSERT INTO configuration_process AS p
  (id, kind, host, process_id, started_at, seen_at, serial, acknowledged_at)
VALUES (%(id)s, %(kind)s, %(host)s, %(pid)s, clock_timestamp(), clock_timestamp(), %(serial)s,
        clock_timestamp())
ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), serial = EXCLUDED.serial,
  acknowledged_at = CASE WHEN p.serial = EXCLUDED.serial THEN p.acknowledged_at
                         ELSE clock_timestamp() END
"""
_SWEEP: Final = (
    "DELETE FROM configuration_process"
    " WHERE seen_at < clock_timestamp() - make_interval(secs => %s)"
)


class Listener(threading.Thread):
    """Hears for one process. `start` it once; `stop` signs off."""

    def __init__(self, *, kind: str) -> None:
        super().__init__(name="configuration", daemon=True)
        self.id = uuid.uuid4()
        self.kind = kind
        self.serial = 0
        self._stop_wanted = threading.Event()

    def run(self) -> None:
        while not self._stop_wanted.is_set():
            try:
                self._listen()
            except _LOST:
                LOG.warning("the configuration channel is lost; trying again", exc_info=True)
            finally:
                reading.hear(None)
            self._stop_wanted.wait(LOOK_SECONDS)

    def stop(self) -> None:
        """Ends within a look; the process is no longer listed."""
        self._stop_wanted.set()
        if self.is_alive():
            self.join(timeout=2 * LOOK_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(**_parameters(), autocommit=True) as own:
            own.execute("LISTEN configuration")
            looks = 0
            while not self._stop_wanted.is_set():
                self._look(own, is_beat=looks % BEAT_LOOKS == 0)
                looks += 1
                for _ in own.notifies(timeout=LOOK_SECONDS, stop_after=1):
                    pass
            with suppress(psycopg.Error):
                own.execute("DELETE FROM configuration_process WHERE id = %s", [self.id])

    def _look(self, own: "psycopg.Connection[Any]", *, is_beat: bool) -> None:
        """The new version is taken over first and acknowledged then."""
        row = own.execute(_VERSION).fetchone()
        if row is None:
            return
        serial, version = row
        reading.hear(version)
        if serial == self.serial and not is_beat:
            return
        self.serial = serial
        said = {
            "id": self.id,
            "kind": self.kind,
            "host": socket.gethostname()[:80],
            "pid": os.getpid(),
            "serial": serial,
        }
        own.execute(_SIGN, said)
        if is_beat:
            own.execute(_SWEEP, [GONE_SECONDS])


class _Own:
    """The one listener of this process."""

    listener: Listener | None = None


_OWN = _Own()


def start(*, kind: str) -> Listener:
    """From here on this process hears of releases by itself. Calling it again is harmless."""
    if _OWN.listener is None:
        _OWN.listener = Listener(kind=kind)
        _OWN.listener.start()
        atexit.register(stop)
    return _OWN.listener


def stop() -> None:
    """Signs off; the readers of the process go back to asking the database."""
    listener, _OWN.listener = _OWN.listener, None
    if listener is not None:
        listener.stop()


def processes(*, now: datetime) -> list[Process]:
    """Running processes, web before worker; those silent for two minutes are gone."""
    return [p for p in Process.objects.order_by("kind", "host", "started_at")[:500]
            if (now - p.seen_at).total_seconds() < GONE_SECONDS]  # fmt: skip


def is_alive(process: Process, *, now: datetime) -> bool:
    return (now - process.seen_at).total_seconds() < ALIVE_SECONDS


def _parameters() -> dict[str, Any]:
    """How Django connects, without what only its own cursors need."""
    whole = connections["default"].get_connection_params()
    plain = {k: v for k, v in whole.items() if k not in ("cursor_factory", "context", "pool")}
    return {**plain, "application_name": APPLICATION}
