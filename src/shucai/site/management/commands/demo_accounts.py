"""演示账号 the demo accounts as JSON, one for each role."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from shucai.site.demo.accounts import accounts


class Command(BaseCommand):
    help = "列出演示账号（JSON）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(accounts(), ensure_ascii=False, indent=1))
