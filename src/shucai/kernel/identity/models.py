"""身份表 identity tables: people, positions, appointments, sessions, changes of rights, tokens.

Rights change only through a `RightsChange` that a second person has approved; the database
refuses the application everything else.
"""

from functools import lru_cache
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from shucai.kernel.identity.credentials import (
    NameTrial,
    RecoveryCode,
    SecondFactor,
    SignInFailure,
    SpentTicket,
    UserCertificate,
)

__all__ = [
    "ApiToken",
    "Application",
    "Appointment",
    "LoginSession",
    "NameTrial",
    "PasswordHistory",
    "Position",
    "Preference",
    "RecoveryCode",
    "RightsChange",
    "SecondFactor",
    "SecurityPolicy",
    "SignInFailure",
    "SpentTicket",
    "User",
    "UserCertificate",
]


class UserManager(BaseUserManager["User"]):
    """Finds users by name, whatever the case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").strip().lower())


class User(AbstractBaseUser):
    """用户: a person who can sign in. Never deleted; leavers are switched off.

    A user is one person and a person one user: the employee number is a fact of the user.
    """

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机", max_length=20, blank=True, default="")
    pinyin = models.CharField(max_length=120, blank=True, default="")
    employee_no = models.CharField("工号", max_length=30, blank=True, default="")
    is_active = models.BooleanField("启用", default=True)
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    must_change_password = models.BooleanField("须改密码", default=True)
    last_login_at = models.DateTimeField("上次登录", null=True, blank=True)

    last_login = None  # the name of the house is last_login_at
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[a-z0-9][a-z0-9._-]{1,39}$"),
                name="identity_user_username",
            ),
            models.UniqueConstraint(
                fields=["employee_no"],
                condition=~models.Q(employee_no=""),
                name="identity_user_employee",
            ),
        ]
        indexes = [models.Index(fields=["name", "id"], name="identity_user_name")]

    def __str__(self) -> str:
        return self.name


class PasswordHistory(models.Model):
    """旧密码: digests of earlier passwords, so that they are not taken again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    at = models.DateTimeField()


class Position(models.Model):
    """岗位: a named bundle of duties."""

    code = models.CharField("编码", max_length=40, unique=True)
    name = models.CharField("岗位", max_length=80)
    duties = ArrayField(models.CharField(max_length=60), verbose_name="职责", default=list)
    is_enabled = models.BooleanField("启用", default=True)

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """任职: a user in a position, over a subtree of units and perhaps one business office.

    The unit is copied here as facts; master data lies above this room. A deputy's appointment
    (委托) has a `principal`: the appointment that was lent, `duties` of its position for a time.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="appointments")
    scope_path = models.CharField("数据范围", max_length=120, db_collation="C")
    office = models.CharField("业务科室", max_length=20, blank=True, default="")
    unit_code = models.CharField("单位编码", max_length=20, blank=True, default="")
    unit_name = models.CharField("单位", max_length=120, blank=True, default="")
    division = models.CharField("财政区划", max_length=9)
    valid_from = models.DateField("起")
    valid_to = models.DateField("止（不含）", null=True, blank=True)
    is_default = models.BooleanField("默认", default=False)
    is_enabled = models.BooleanField("启用", default=True)
    fund_types = ArrayField(  # with all below them; empty: every fund
        models.CharField(max_length=20), verbose_name="资金性质", default=list, blank=True
    )
    principal = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="deputies"
    )
    principal_name = models.CharField("代谁办理", max_length=40, blank=True, default="")
    duties = ArrayField(  # of the position; empty: all of them
        models.CharField(max_length=60), verbose_name="受托职责", default=list, blank=True
    )

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="identity_appointment_user"),
            models.Index(fields=["scope_path"], name="identity_appointment_scope"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope_path__regex=r"^[0-9]+(/[0-9A-Za-z]+)*$"),
                name="identity_appointment_path",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="identity_appointment_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}：{self.title}"

    @property
    def title(self) -> str:
        """The position as steps and the trail show it, with the person acted for."""
        return title_of(self.position.name, self.principal_name)

    @property
    def held(self) -> frozenset[str]:
        """The duties this appointment gives: those of the position, or the part that was lent."""
        return held_of(tuple(self.position.duties), tuple(self.duties))


def title_of(position: str, principal: str) -> str:
    return f"{position[:30]}（代{principal}）" if principal else position


@lru_cache(maxsize=1_000)
def held_of(duties: tuple[str, ...], lent: tuple[str, ...]) -> frozenset[str]:
    own = frozenset(duties)
    return own & frozenset(lent) if lent else own


class LoginSession(models.Model):
    """会话: one sign-in. `session_key` is the digest of the secret the browser holds."""

    ENDS = (
        ("signed_out", "本人退出"),
        ("idle", "闲置超时"),
        ("expired", "超过最长时限"),
        ("replaced", "在别处登录"),
        ("forced", "被强制下线"),
        ("disabled", "用户已停用"),
        ("password", "密码已更改"),
        ("own", "本人下线"),
        ("factor", "登录凭据已变更"),
    )
    METHODS = (
        ("password", "密码"),
        ("totp", "密码和动态口令"),
        ("recovery", "密码和恢复码"),
        ("certificate", "证书"),
    )

    session_key = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, related_name="+"
    )
    fiscal_year = models.PositiveSmallIntegerField("年度", null=True)
    started_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近活动")
    ip = models.CharField("来源地址", max_length=45, blank=True, default="")
    agent = models.CharField("浏览器", max_length=200, blank=True, default="")
    ended_at = models.DateTimeField("结束时间", null=True)
    end_reason = models.CharField("结束原因", max_length=12, choices=ENDS, blank=True, default="")
    method = models.CharField("登录方式", max_length=12, choices=METHODS, default="password")
    must_read = models.BooleanField("有未确认的通知", default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "started_at"],
                name="identity_session_open",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.Index(fields=["-started_at", "-id"], name="identity_session_list"),
        ]


class RightsChange(models.Model):
    """权限变更: proposed by the system administrator, decided by a different person.

    The effect happens in the database together with the decision.
    """

    STATES = (
        ("proposed", "待审批"),
        ("approved", "已批准"),
        ("rejected", "已驳回"),
        ("withdrawn", "已撤回"),
    )

    kind = models.CharField("事项", max_length=30)
    target = models.CharField("对象", max_length=80)
    summary = models.CharField("说明", max_length=200)
    payload = models.JSONField()
    before = models.JSONField(default=dict)
    reason = models.CharField("理由", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=STATES, default="proposed")
    proposed_by = models.BigIntegerField("申请人")
    proposed_name = models.CharField("申请人", max_length=40)
    proposed_at = models.DateTimeField("申请时间")
    decided_by = models.BigIntegerField("审批人", null=True)
    decided_name = models.CharField("审批人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("审批时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="withdrawn")
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="identity_change_two_persons",
            ),
            models.CheckConstraint(
                condition=models.Q(state="proposed", decided_by__isnull=True)
                | (~models.Q(state="proposed") & models.Q(decided_by__isnull=False)),
                name="identity_change_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="identity_change_state")]


class Application(models.Model):
    """外部应用: a system that calls the API. Terms asked for stand in `wanted` until approved."""

    STATES = (
        ("requested", "待审批"),
        ("active", "已启用"),
        ("rejected", "已驳回"),
        ("stopped", "已停用"),
    )

    code = models.CharField("应用代码", max_length=40, unique=True)
    name = models.CharField("应用名称", max_length=80)
    owner = models.CharField("责任单位", max_length=120)
    contact = models.CharField("联系人", max_length=40)
    phone = models.CharField("联系电话", max_length=20, blank=True, default="")
    purpose = models.CharField("用途", max_length=200, blank=True, default="")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="+", verbose_name="代表的任职"
    )
    scopes = ArrayField(models.CharField(max_length=80), verbose_name="权限", default=list)
    addresses = ArrayField(models.CharField(max_length=50), verbose_name="来源地址", default=list)
    state = models.CharField("状态", max_length=10, choices=STATES, default="requested")
    state_before = models.CharField(max_length=10, blank=True, default="")
    wanted: Any = models.JSONField("申请内容", default=dict)
    reason = models.CharField("申请理由", max_length=200, blank=True, default="")
    asked_by = models.BigIntegerField("申请人")
    asked_name = models.CharField("申请人", max_length=40)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.BigIntegerField("审批人", null=True)
    decided_name = models.CharField("审批人", max_length=40, blank=True, default="")
    decided_at = models.DateTimeField("审批时间", null=True)
    opinion = models.CharField("意见", max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="identity_application_two_persons",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(decided_by__isnull=False),
                name="identity_application_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """接口令牌: acts as its owner in one appointment; only a digest of the secret is kept.

    A key of an application acts as the application's appointment while that is in use.
    """

    name = models.CharField("用途", max_length=80)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=80), verbose_name="权限")
    expires_at = models.DateTimeField("到期时间")
    created_at = models.DateTimeField("创建时间")
    last_used_at = models.DateTimeField("最近使用", null=True)
    revoked_at = models.DateTimeField("吊销时间", null=True)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="应用"
    )

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="identity_token_user")]


class SecurityPolicy(models.Model):
    """安全策略: one row; changed like any right, by two persons."""

    EXCESS = (("newest", "保留最新登录"), ("refuse", "拒绝新登录"))
    PROFILES = (("djbh3", "等保三级"), ("asvs5", "OWASP ASVS 5.0"))
    TWO_FACTORS = (("none", "本人自愿"), ("officers", "三员须用"), ("all", "人人须用"))

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    password_length = models.PositiveSmallIntegerField("密码最短长度", default=10)
    password_classes = models.PositiveSmallIntegerField("字符种类", default=3)
    password_history = models.PositiveSmallIntegerField("不得重复最近几次", default=5)
    password_days = models.PositiveSmallIntegerField("密码有效天数", default=90)
    failures = models.PositiveSmallIntegerField("连续失败几次锁定", default=5)
    lock_minutes = models.PositiveSmallIntegerField("锁定分钟", default=15)
    idle_minutes = models.PositiveSmallIntegerField("闲置分钟", default=30)
    session_hours = models.PositiveSmallIntegerField("会话最长小时", default=12)
    sessions = models.PositiveSmallIntegerField("同时会话数", default=3)
    excess = models.CharField("超出时", max_length=8, choices=EXCESS, default="newest")
    token_days = models.PositiveSmallIntegerField("令牌最长天数", default=365)
    profile = models.CharField("策略模板", max_length=10, choices=PROFILES, default="djbh3")
    password_single = models.PositiveSmallIntegerField("无双因素时密码最短长度", default=10)
    two_factors = models.CharField("双因素", max_length=10, choices=TWO_FACTORS, default="none")
    proof_after = models.PositiveSmallIntegerField("失败几次起须验证", default=3)
    address_failures = models.PositiveSmallIntegerField("同一地址失败上限", default=50)
    address_minutes = models.PositiveSmallIntegerField("同一地址计数分钟", default=10)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="identity_policy_single"),
            models.CheckConstraint(
                condition=models.Q(password_length__gte=8)
                & models.Q(password_classes__range=(1, 4))
                & models.Q(failures__range=(1, 20))
                & models.Q(lock_minutes__gte=1)
                & models.Q(idle_minutes__gte=1)
                & models.Q(session_hours__range=(1, 72))
                & models.Q(sessions__gte=1),
                name="identity_policy_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(password_single__gte=8)
                & models.Q(profile__in=["djbh3", "asvs5"])
                & models.Q(two_factors__in=["none", "officers", "all"])
                & models.Q(proof_after__range=(1, 20))
                & models.Q(address_failures__range=(5, 10_000))
                & models.Q(address_minutes__range=(1, 1440)),
                name="identity_policy_entry_sane",
            ),
        ]


class Preference(models.Model):
    """个人设置: columns, saved views, page size of one user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    value: Any = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="identity_preference_once")
        ]
