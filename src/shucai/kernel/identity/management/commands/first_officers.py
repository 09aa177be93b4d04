"""首任三员 puts the three officers of an empty system in office and prints their passwords once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from shucai.base.errors import Refused
from shucai.kernel.identity import duties, setup


class Command(BaseCommand):
    help = "建立首任三员（系统管理员、安全保密管理员、安全审计员），打印一次性密码"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--root", required=True, help="全市的单位路径，例如 4406")
        parser.add_argument("--division", required=True, help="9 位区划代码，例如 440600000")

    def handle(self, *args: Any, **options: Any) -> None:
        names = {
            duties.SYSTEM_ADMIN: ("sysadmin", "系统管理员"),
            duties.SECURITY_ADMIN: ("secadmin", "安全保密管理员"),
            duties.AUDITOR: ("auditor", "安全审计员"),
        }
        with connection.cursor() as cursor:
            cursor.execute("SELECT now()")  # rooms of the kernel don't read the clock themselves
            now = cursor.fetchone()[0]
        try:
            made = setup.first_officers(
                names=names,
                root=options["root"],
                division=options["division"],
                now=now,
                profile=settings.POLICY_PROFILE,
            )
        except Refused as refused:
            raise CommandError(str(refused), returncode=2) from None
        for officer in made:
            self.stdout.write(f"{officer.username}\t{officer.name}\t{officer.one_time_password}")
        self.stdout.write("以上密码只显示这一次，首次登录必须修改。")
