"""装载参考数据 loading reference data: the files of `seeds/`, into the given fiscal years."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shucai.base.errors import Refused
from shucai.site.seeding import reading
from shucai.site.seeding.reference import Loader

YEARS = (2025, 2026, 2027)


class Command(BaseCommand):
    help = "装载参考数据（值集、对照关系、区划），可重复执行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--year", type=int, action="append", help="年度，可多次给出；省略时为 2025—2027"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = reading.reference(settings.ROOT / "seeds")
        except Refused as refused:
            raise CommandError(str(refused)) from None
        loader = Loader(found)
        for year in options["year"] or YEARS:
            self.stdout.write(f"{year} 年 {len(found.sets)} 个值集：{loader.load(year)}")
