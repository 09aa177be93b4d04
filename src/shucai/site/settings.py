"""Settings: one place, read from the environment that the launcher prepares."""

import os
import secrets
from pathlib import Path
from typing import Any

from shucai.edge.web import jinja

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("SHUCAI_DATA", ROOT / ".shucai"))
DEMO = os.environ.get("SHUCAI_DEMO", "") == "1"
DEBUG = False

SECRET_KEY = os.environ.get("SHUCAI_SECRET_KEY") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = os.environ.get("SHUCAI_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

# Every room and domain in one list: the composition root is the only place that knows them all.
KERNEL_ROOMS = [
    "registry", "calendar", "audit", "identity", "files", "jobs", "configuration", "messages",
    "masterdata", "content", "ledger", "control", "workflow", "document", "pages",
]  # fmt: skip
DOMAINS = ["platform", "allotment", "payment"]
EDGES = ["web", "api"]


def _app(storey: str, word: str) -> str:
    return f"shucai.{storey}.{word}.apps.{word.title().replace('_', '')}Config"


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "shucai.site.apps.SiteConfig",
    *(_app("kernel", room) for room in KERNEL_ROOMS),
    *(_app("domains", word) for word in DOMAINS),
    *(_app("edge", channel) for channel in EDGES),
]
AUTH_USER_MODEL = "identity.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
MIDDLEWARE = [
    "shucai.edge.web.headers.HeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = jinja.settings(ROOT / "src" / "shucai")

# The cookie holds a key that the identity room must still know, the position and the year.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "shucai"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("SHUCAI_HTTPS", "") == "1"
CSRF_FAILURE_VIEW = "shucai.edge.web.views.faults.forged"
ROOT_URLCONF = "shucai.site.urls"
WSGI_APPLICATION = "shucai.site.wsgi.application"

_set_role = os.environ.get("SHUCAI_DB_SET_ROLE", "")
# Django's cursors never prepare; the few raw psycopg cursors that ask for it may.
_options: dict[str, Any] = {"prepare_threshold": 5}
if _set_role:
    # Migrations act as the owner, which can't log in.
    _options["options"] = f"-c role={_set_role}"
_is_kept = os.environ.get("SHUCAI_DB_KEEP", "1") == "1"

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "shucai.site.database",
        "HOST": os.environ.get("SHUCAI_DB_HOST", ""),
        "PORT": os.environ.get("SHUCAI_DB_PORT", "5432"),
        "NAME": os.environ.get("SHUCAI_DB_NAME", "shucai"),
        "USER": os.environ.get("SHUCAI_DB_USER", "shucai_app"),
        "PASSWORD": os.environ.get("SHUCAI_DB_PASSWORD", ""),
        # Each thread keeps its connection for an hour. One that died with a restarted database is
        # noticed before a request uses it.
        "CONN_MAX_AGE": 3600 if _is_kept else 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _options,
    }
}
# Attachments: megabytes a file, files a document, and the address of a clamd if there is one.
FILE_SIZE_MAX = int(os.environ.get("SHUCAI_FILE_MB", "20")) * 1024 * 1024
FILES_PER_DOCUMENT = int(os.environ.get("SHUCAI_FILES_PER_DOCUMENT", "20"))
FILE_SCANNER = os.environ.get("SHUCAI_FILE_SCANNER", "")

# Who issues certificates that may sign in, and what they have taken back; PEM, read when changed.
CA_BUNDLE = os.environ.get("SHUCAI_CA_BUNDLE", str(DATA / "ca" / "trusted.pem"))
CA_REVOCATIONS = os.environ.get("SHUCAI_CA_REVOCATIONS", str(DATA / "ca" / "revoked.pem"))
# The rule book an empty system begins with: djbh3 or asvs5 (kernel/identity/profiles.py).
POLICY_PROFILE = os.environ.get("SHUCAI_POLICY_PROFILE", "djbh3")

# Messages that leave the platform: the mail server, and inner hosts that webhooks may call though
# their addresses are not public ("host" or "host:port", separated by commas).
_smtp_security = os.environ.get("SHUCAI_SMTP_SECURITY", "starttls")  # starttls, tls or none
EMAIL_HOST = os.environ.get("SHUCAI_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("SHUCAI_SMTP_PORT", "465" if _smtp_security == "tls" else "587"))
EMAIL_HOST_USER = os.environ.get("SHUCAI_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SHUCAI_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _smtp_security == "starttls"
EMAIL_USE_SSL = _smtp_security == "tls"
EMAIL_TIMEOUT = int(os.environ.get("SHUCAI_SMTP_SECONDS", "15"))
DEFAULT_FROM_EMAIL = os.environ.get("SHUCAI_SMTP_FROM", "shucai@localhost")
WEBHOOK_PRIVATE = [
    one.strip().lower()
    for one in os.environ.get("SHUCAI_WEBHOOK_PRIVATE", "").split(",")
    if one.strip()
]
# What links in messages begin with, as people outside reach the platform.
PUBLIC_ADDRESS = os.environ.get("SHUCAI_ADDRESS", "").rstrip("/")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True

# A form carries up to 5,000 detail lines, as one text or, without script, as one field a cell.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60_000

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
# The launcher collects into STATIC_ROOT: hashed names, compressed, cached for ever. Without it
# (development, tests) files are served as they lie in the tree.
STATIC_ROOT = DATA / "static"
_collected = os.environ.get("SHUCAI_STATIC", "") == "collected"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _collected
_static_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if _collected
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
