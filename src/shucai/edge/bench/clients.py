"""并发客户 clients: processes that repeat one act until told to stop, each with a connection."""

import gc
import math
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from django.db import connections

from shucai.edge.bench.scratch import close_connections

Act = Callable[[], None]


class Clients:
    """`make(n)` is called in the n-th process and gives the act it repeats."""

    def __init__(self, *, count: int, make: Callable[[int], Act]) -> None:
        close_connections()
        forking = multiprocessing.get_context("fork")
        self._pipes: list[Connection] = []
        self._processes = []
        for n in range(count):
            ours, theirs = forking.Pipe()
            process = forking.Process(target=_client, args=(n, make, theirs), daemon=True)
            process.start()
            self._pipes.append(ours)
            self._processes.append(process)

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *said: object) -> None:
        for pipe in self._pipes:
            pipe.send(0)
        for process in self._processes:
            process.join(10)

    def measure(self, seconds: float) -> float:
        """Acts a second of all clients together."""
        for pipe in self._pipes:
            pipe.send(seconds)
        done = [pipe.recv() for pipe in self._pipes]
        failures = [failure for _, _, failure in done if failure]
        if failures:
            raise RuntimeError(failures[0])
        return math.fsum(acts / elapsed for acts, elapsed, _ in done)


def _client(n: int, make: Callable[[int], Act], pipe: Connection) -> None:
    gc.freeze()  # as the web server's workers do
    act = make(n)
    while seconds := pipe.recv():
        began, acts, failure = time.perf_counter(), 0, ""
        try:
            while time.perf_counter() - began < seconds:
                act()
                acts += 1
        except Exception as fault:
            failure = repr(fault)
        pipe.send((acts, time.perf_counter() - began, failure))
    connections.close_all()
