"""任务处理进程 the worker: runs jobs, relays the outbox, seals the audit trail, sweeps.

SIGTERM lets running jobs reach their next progress, puts them back and ends; a lost database is
waited for. Killing the process loses nothing: see `running` and `sweeping`.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import DatabaseError, close_old_connections, connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import DjangoApp, connector_params
from procrastinate.exceptions import ConnectorException

from shucai.kernel.audit import sealing
from shucai.kernel.jobs import outbox, running, sweeping
from shucai.kernel.jobs.models import WorkerBeat

LOG: Final = logging.getLogger("shucai.worker")
CONCURRENCY: Final = 2
GRACE_SECONDS: Final = 15
RELAY_EVERY, SEAL_EVERY, BEAT_EVERY, SWEEP_EVERY = 1, 2, 4, 10
_LOST: Final = (DatabaseError, ConnectorException, OSError)

Clock = Callable[[], datetime]


class Keeper(threading.Thread):
    """The steady work beside the jobs, one piece after the other, each in its own rhythm."""

    def __init__(self, *, name: str, clock: Clock) -> None:
        super().__init__(name="keeper", daemon=True)
        self._worker, self._clock = name, clock
        self._stop_wanted = threading.Event()
        self._relayed = self._sealed = 0
        self._since = clock()

    def run(self) -> None:
        second = 0
        while not self._stop_wanted.is_set():
            try:
                self._turn(second)
            except _LOST:
                LOG.warning("the database is out of reach; trying again", exc_info=True)
                connections.close_all()
                self._stop_wanted.wait(2)
            except Exception:
                LOG.exception("the keeper stumbled")
                connections.close_all()
            second += 1
            self._stop_wanted.wait(1)
        connections.close_all()

    def stop(self) -> None:
        self._stop_wanted.set()
        self.join(timeout=GRACE_SECONDS)

    def _turn(self, second: int) -> None:
        close_old_connections()
        now = self._clock()
        if second % BEAT_EVERY == 0:
            self._beat(now)
        if second % SWEEP_EVERY == 0:
            swept = sweeping.sweep(now=now)
            if swept:
                LOG.warning("%s interrupted jobs are back in the queue", swept)
            sweeping.tick(now=now)
        if second % RELAY_EVERY == 0:
            self._relayed += outbox.relay(now=now).delivered
        if second % SEAL_EVERY == 0:
            self._sealed += sealing.seal(at=now)

    def _beat(self, now: datetime) -> None:
        WorkerBeat.objects.update_or_create(
            name=self._worker,
            defaults={
                "process_id": os.getpid(),
                "started_at": self._since,
                "seen_at": now,
                "relayed": self._relayed,
                "sealed": self._sealed,
            },
        )


class Worker:
    """One worker process."""

    def __init__(self, *, name: str, clock: Clock, concurrency: int = CONCURRENCY) -> None:
        self.name, self._clock, self._concurrency = name, clock, concurrency
        self._stopping = threading.Event()
        self._serving: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Serves until SIGTERM or SIGINT."""
        keeper = Keeper(name=self.name, clock=self._clock)
        keeper.start()
        LOG.info("worker %s started, process %s", self.name, os.getpid())
        try:
            asyncio.run(self._serve_on())
        finally:
            keeper.stop()
            self._sign_off()
            LOG.info("worker %s stopped", self.name)

    async def _serve_on(self) -> None:
        loop = asyncio.get_running_loop()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(wanted, self._stop)
        pause = 0
        while not self._stopping.is_set():
            self._serving = asyncio.create_task(self._serve())
            try:
                await self._serving
            except asyncio.CancelledError:
                break
            except _LOST:
                LOG.warning("the database is out of reach; trying again", exc_info=True)
            pause = min(pause + 1, 5)
            for _ in range(pause * 10):
                if self._stopping.is_set():
                    break
                await asyncio.sleep(0.1)

    async def _serve(self) -> None:
        connector = PsycopgConnector(
            kwargs=connector_params("default"), min_size=1, max_size=self._concurrency + 2
        )
        # An App of its own: jobs that start jobs do so on Django's connection.
        beside = DjangoApp(connector=connector)
        running.register(beside)
        async with beside.open_async():
            await beside.run_worker_async(
                name=self.name,
                concurrency=self._concurrency,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_SECONDS,
                update_heartbeat_interval=BEAT_EVERY,
                stalled_worker_timeout=sweeping.STALE_SECONDS,
                additional_context={
                    "clock": self._clock,
                    "is_stopping": self._stopping.is_set,
                },
            )

    def _stop(self) -> None:
        self._stopping.set()
        if self._serving is not None:
            self._serving.cancel()

    def _sign_off(self) -> None:
        try:
            WorkerBeat.objects.filter(name=self.name).delete()
        except _LOST:
            LOG.warning("could not sign off", exc_info=True)
        connections.close_all()
