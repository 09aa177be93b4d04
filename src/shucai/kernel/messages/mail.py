"""邮件 mail: a plain text message by the server that the environment names, over TLS."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from shucai.kernel.messages.webhook import Failed


@dataclass(frozen=True, slots=True)
class Letter:
    """`id` is the same at every attempt, so that a repetition can be told by its Message-ID."""

    to: str
    subject: str
    body: str
    id: str


def send(letter: Letter, *, now: datetime) -> None:
    """Returns once the server has taken it. Raises Failed otherwise."""
    if not settings.EMAIL_HOST:
        raise Failed("没有配置邮件服务器（SHUCAI_SMTP_HOST）", is_final=True)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to],
        headers={
            "Message-ID": f"<{letter.id}@{domain}>",
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.connection = get_connection("django.core.mail.backends.smtp.EmailBackend")
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()), (550, b""))
        raise Failed(f"收件地址被拒：{code} {_words(said)}", is_final=code >= 500) from refused
    except smtplib.SMTPResponseException as fault:
        is_final = 500 <= fault.smtp_code < 600 and fault.smtp_code != 535
        told = f"邮件服务器答复 {fault.smtp_code}：{_words(fault.smtp_error)}"
        raise Failed(told, is_final=is_final) from fault
    except (OSError, smtplib.SMTPException, ValueError) as fault:
        raise Failed(f"{type(fault).__name__}：{fault}") from fault


def _words(said: bytes | str) -> str:
    return (said.decode("utf-8", "replace") if isinstance(said, bytes) else said)[:200]
