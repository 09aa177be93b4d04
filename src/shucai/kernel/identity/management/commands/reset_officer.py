"""重置三员密码 gives an officer a one-time password when no colleague is left to help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from shucai.base.errors import Refused
from shucai.kernel.identity import setup


class Command(BaseCommand):
    help = "现场重置一名三员的密码，打印一次性密码并写入审计"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--reason", required=True, help="理由，写入审计")

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")  # rooms of the kernel don't read the clock themselves
            now = cursor.fetchone()[0]
        try:
            made = setup.reset_officer(
                username=options["username"], reason=options["reason"], now=now
            )
        except Refused as refused:
            raise CommandError(str(refused), returncode=2) from None
        self.stdout.write(f"{made.username}\t{made.name}\t{made.one_time_password}")
        self.stdout.write("以上密码只显示这一次，首次登录必须修改。")
