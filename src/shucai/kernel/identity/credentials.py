"""凭据表 tables of credentials: certificates, second factors, and what stops guessing.

Certificates are bound and revoked by a change of rights only; a second factor is enrolled by the
person himself and reset by a change of rights.
"""

from django.db import models

_USER = "identity.User"


class UserCertificate(models.Model):
    """用户证书: a certificate that may sign in as a user. Revoked bindings stay for the record."""

    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="certificates")
    fingerprint = models.CharField("指纹（SHA-256）", max_length=64)
    serial = models.CharField("序列号", max_length=64)
    issuer = models.CharField("颁发者", max_length=300)
    subject = models.CharField("主题", max_length=300)
    algorithm = models.CharField("算法", max_length=20)
    valid_from = models.DateTimeField("生效时间")
    valid_to = models.DateTimeField("到期时间")
    certificate = models.TextField("证书")  # PEM
    bound_at = models.DateTimeField("绑定时间")
    revoked_at = models.DateTimeField("解除时间", null=True)
    revoke_reason = models.CharField("解除原因", max_length=100, blank=True, default="")
    last_used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=models.Q(revoked_at__isnull=True),
                name="identity_certificate_once",
            )
        ]
        indexes = [models.Index(fields=["fingerprint"], name="identity_certificate_print")]


class SecondFactor(models.Model):
    """动态口令: the person's TOTP secret, encrypted; `last_step` is the last code that was used."""

    user = models.OneToOneField(_USER, on_delete=models.PROTECT, related_name="second_factor")
    secret = models.CharField(max_length=200)
    enrolled_at = models.DateTimeField("启用时间")
    last_step = models.BigIntegerField(default=0)


class RecoveryCode(models.Model):
    """恢复码: works once in place of a TOTP code; only a digest is kept."""

    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="identity_recovery_once")
        ]


class SignInFailure(models.Model):
    """登录失败: one refused attempt, by address and by digest of the name, for a sliding window."""

    at = models.DateTimeField()
    ip = models.CharField(max_length=45)
    name = models.CharField(max_length=64)
    code = models.CharField(max_length=8)

    class Meta:
        indexes = [
            models.Index(fields=["ip", "at"], name="identity_failure_ip"),
            models.Index(fields=["name", "at"], name="identity_failure_name"),
            models.Index(fields=["at"], name="identity_failure_at"),
        ]


class NameTrial(models.Model):
    """未知登录名: counts and locks a name nobody has, as if it were somebody's."""

    name = models.CharField(max_length=64, unique=True)
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()


class SpentTicket(models.Model):
    """已用凭条: challenges that were answered once and can't be answered again."""

    digest = models.CharField(max_length=64, unique=True)
    spent_at = models.DateTimeField()
