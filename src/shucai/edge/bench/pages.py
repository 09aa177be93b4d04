"""网页测量 web bench: a 50-row list page against an empty view, on the same granian, 16 clients."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.contrib.auth.hashers import make_password

from shucai.edge import clock
from shucai.edge.bench import bulk, synthetic
from shucai.edge.bench.figures import Figure, figure
from shucai.edge.bench.scratch import Scratch, close_connections, environment
from shucai.kernel import registry
from shucai.kernel.document.declare import DocumentType
from shucai.kernel.identity import setup

if TYPE_CHECKING:
    from shucai.edge.bench.suite import Wish

KIND: Final = "payment.application"
TARGET: Final = 0.15
DOCUMENTS: Final = 5_000
HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60
USER: Final = "bench"
PASSWORD: Final = "Bench@2026-only"  # noqa: S105 (of a user in a scratch database)
_RATE: Final = re.compile(r"Requests/sec:\s+([0-9.]+)")
_FAULTS: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser: the address of the server and its cookies."""

    port: int
    cookies: str

    def get(self, path: str) -> tuple[int, str]:
        link = http.client.HTTPConnection(HOST, self.port, timeout=30)
        link.request("GET", path, headers={"Cookie": self.cookies})
        answer = link.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def run(place: Scratch, wish: "Wish", say: Callable[[str], None]) -> list[Figure]:
    kind: DocumentType = registry.get("document", KIND)
    city = synthetic.city(kind, accounts_per_unit=1)
    with place.connect() as admin:
        bulk.load(admin, kind, city.units, first=1, last=wish.size or DOCUMENTS)
    _user(kind)
    close_connections()
    ratios, pages, empties = [], [], []
    with _server(place) as port:
        visitor = _sign_in(port)
        path = f"/d/{kind.code}/?size=50&year={synthetic.YEAR}"
        _must_show_rows(visitor, path)
        for target in (path, "/bench/empty"):
            _rate(visitor, target, 1, wish.clients)
        for _ in range(wish.rounds):
            page = _rate(visitor, path, wish.seconds, wish.clients)
            empty = _rate(visitor, "/bench/empty", wish.seconds, wish.clients)
            say(f"列表页 {page:.0f}/s，空视图 {empty:.0f}/s")
            ratios.append(page / empty)
            pages.append(page)
            empties.append(empty)
    middle = len(pages) // 2
    told = f"empty view, {wish.clients} clients: {sorted(empties)[middle]:.0f}/s; "
    told += f"list page of 50 rows: {sorted(pages)[middle]:.0f}/s"
    return [figure("web", ratios, yardstick=told, target=TARGET)]


def _user(kind: DocumentType) -> None:
    """Somebody who may see every document of the bench city."""
    setup.load(
        users=[
            setup.NewUser(
                username=USER,
                name="性能测量",
                password=make_password(PASSWORD),
                must_change=False,
            )
        ],
        positions=[setup.NewPosition(code=USER, name="性能测量", duties=[kind.flow[0].by])],
        appointments=[
            setup.NewAppointment(
                username=USER,
                position=USER,
                scope_path=synthetic.ROOT,
                division=synthetic.DIVISION,
                valid_from=synthetic.DAY.replace(year=2000),
                unit_code="990001",
                unit_name="性能测量单位",
                is_default=True,
            )
        ],
        root=synthetic.ROOT,
        now=clock.now(),
    )


@contextmanager
def _server(place: Scratch) -> Iterator[int]:
    """granian as the launcher starts it, with one more view."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--host", HOST),
        *("--port", str(port), "--workers", str(os.cpu_count() or 2), "--blocking-threads", "1"),
        "shucai.edge.bench.wsgi:application",
    ]
    more = {"SHUCAI_DB_KEEP": "1", "SHUCAI_HOSTS": HOST}
    process = subprocess.Popen(  # noqa: S603 (ourselves)
        command,
        env=environment(place, **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if Visitor(port, "").get("/bench/empty")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the web server of the bench did not start")


def _sign_in(port: int) -> Visitor:
    """Through the login page, as a browser does."""
    cookies: dict[str, str] = {}
    link = http.client.HTTPConnection(HOST, port, timeout=30)

    def send(method: str, body: str = "") -> str:
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"Cookie": said, "Origin": f"http://{HOST}:{port}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        link.request(method, "/login", body=body or None, headers=headers)
        answer = link.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                cookies[key] = rest.split(";", maxsplit=1)[0]
        return answer.read().decode()

    form = send("GET")
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    token = found[1] if found else cookies.get("csrftoken", "")
    send(
        "POST",
        urlencode({"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": token}),
    )
    return Visitor(port, "; ".join(f"{name}={value}" for name, value in cookies.items()))


def _must_show_rows(visitor: Visitor, path: str) -> None:
    status, text = visitor.get(path)
    rows = len(set(re.findall(r"BENCH\d+", text)))
    if status != 200 or rows != 50:
        raise RuntimeError(f"the list page answered {status} with {rows} rows")


def _rate(visitor: Visitor, path: str, seconds: int, clients: int) -> float:
    """Requests a second; by wrk where it is installed, else by threads of this process."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return _rate_by_threads(visitor, path, seconds, clients)
    url = f"http://{HOST}:{visitor.port}{path}"
    done = subprocess.run(  # noqa: S603 (fixed program, our own arguments)
        [wrk, "-t1", f"-c{clients}", f"-d{seconds}s", "-H", f"Cookie: {visitor.cookies}", url],
        capture_output=True,
        text=True,
        check=True,
    )
    if _FAULTS.search(done.stdout):
        raise RuntimeError(f"{path}: {done.stdout[-200:]}")
    found = _RATE.search(done.stdout)
    if found is None:
        raise RuntimeError(done.stdout[-200:])
    return float(found[1])


def _rate_by_threads(visitor: Visitor, path: str, seconds: int, clients: int) -> float:
    counts: list[int] = []
    until = time.perf_counter() + seconds

    def ask() -> None:
        link = http.client.HTTPConnection(HOST, visitor.port, timeout=30)
        done = 0
        while time.perf_counter() < until:
            link.request("GET", path, headers={"Cookie": visitor.cookies})
            answer = link.getresponse()
            answer.read()
            if answer.status == 200:
                done += 1
        counts.append(done)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
