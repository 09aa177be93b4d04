"""实例 an instance of the tests' own, driven as a person would: by the launcher and over HTTP."""

import http.client
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from shucai.site.instance import Instance, environment
from shucai.site.postgres import Server

ROOT = Path(__file__).resolve().parents[1]


class City:
    """One instance in a folder of its own, driven as a person would."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith("SHUCAI_")
        }
        return subprocess.run(
            [sys.executable, "-m", "shucai.site.command", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            env={
                **inherited,
                "PYTHONPATH": str(ROOT / "src"),
                "PYTHONUTF8": "1",
                "SHUCAI_DATA": str(self.data),
            },
        )

    def up(self, mode: str = "--empty", *words: str) -> subprocess.CompletedProcess[str]:
        return self.call("up", "--background", mode, "--port", str(self.port), *words)

    def parts(self) -> dict[str, dict[str, Any]]:
        found = json.loads(self.call("status", "--json").stdout)
        return {part["name"]: part for part in found["parts"]}

    def pids(self) -> dict[str, int]:
        return {name: part["pid"] for name, part in self.parts().items()}

    def manage(self, *words: str) -> str:
        """A management command as the application's own login; its output."""
        server = Server(self.data / "postgres")
        done = subprocess.run(
            [sys.executable, "-m", "shucai.site.manage", *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=180,
            cwd=ROOT,
            env=environment(Instance(self.data), **server.environment()),
        )
        return done.stdout

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/login")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
