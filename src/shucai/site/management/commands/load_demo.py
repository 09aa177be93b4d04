"""装载演示城市 loading the demo city: units, people and two years of business, all or nothing."""

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shucai.base.errors import Refused
from shucai.kernel.masterdata.models import Value
from shucai.site.demo import errors, keys, plan, writing
from shucai.site.demo.units import UNITS_MAX

UNITS_MIN = 6


class Command(BaseCommand):
    help = "装载演示城市（仅演示模式，数据库中还没有单位时）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--units", type=int, default=450, help="预算单位个数，至多 2500")
        parser.add_argument("--seed", type=int, default=1, help="随机种子，相同种子得到相同城市")
        parser.add_argument(
            "--until", type=date.fromisoformat, help="业务到哪一天为止，省略时按今天推定"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._load(**options)
        except Refused as refused:
            raise CommandError(str(refused)) from None

    def _load(self, *, units: int, seed: int, until: date | None, **_: Any) -> None:
        if not settings.DEMO:
            raise errors.NOT_DEMO.refuse()
        if not UNITS_MIN <= units <= UNITS_MAX:
            raise errors.SIZE.refuse(count=units, least=UNITS_MIN, most=UNITS_MAX)
        if writing.is_loaded():
            self.stdout.write("演示城市已经装载")
            return
        for year in plan.YEARS:
            if not Value.objects.filter(fiscal_year=year).exists():
                raise errors.NO_REFERENCE.refuse(year=year)
        begun = time.monotonic()
        now = timezone.now()
        until = until or plan.last_day(timezone.localdate(now))
        self.stdout.write("编排演示城市")
        city = plan.plan(settings.ROOT / "seeds", size=units, seed=seed, until=until)
        writing.write(city, now=now, say=self._say)
        made = keys.make(now=now, say=self._say)
        self.stdout.write(f"演示密钥：{keys.folder()} 中 {len(made)} 个文件，PIN {keys.PIN}")
        self.stdout.write(
            f"演示城市：{units} 个预算单位，{len(city.people)} 名人员，"
            f"{sum(len(s.documents) for s in city.steps if s.action == 'save')} 张单据，"
            f"业务至 {until}，用时 {time.monotonic() - begun:.0f} 秒"
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
