"""任务处理进程 worker: background jobs, the outbox and the sealing, until told to stop."""

import logging
import os
import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from shucai.kernel.audit import logbook
from shucai.kernel.configuration import delivery
from shucai.kernel.identity.crypto import service
from shucai.kernel.jobs.worker import CONCURRENCY, Worker


class Command(BaseCommand):
    """Ends on SIGTERM or SIGINT, after putting running jobs back into the queue."""

    help = "任务处理进程：执行后台任务、投递消息、封存审计记录"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="", help="进程名，默认为主机名与进程号")
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="同时执行的任务数")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
        logging.getLogger("shucai").setLevel(logging.INFO)
        name = options["name"] or f"{socket.gethostname()}-{os.getpid()}"
        service.provider()  # its known answers are asked at the start
        delivery.start(kind="worker")
        logbook.start()
        Worker(name=name, clock=timezone.now, concurrency=options["concurrency"]).run()
        delivery.stop()
