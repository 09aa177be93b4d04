"""Settings: one place, read from the environment that the launcher prepares."""

import os
import secrets
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("SHUCAI_DATA", ROOT / ".shucai"))
DEMO = os.environ.get("SHUCAI_DEMO", "") == "1"
DEBUG = False

SECRET_KEY = os.environ.get("SHUCAI_SECRET_KEY") or secrets.token_urlsafe(48)
ALLOWED_HOSTS = os.environ.get("SHUCAI_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "shucai.kernel.registry.apps.RegistryConfig",
]
ROOT_URLCONF = "shucai.site.urls"
WSGI_APPLICATION = "shucai.site.wsgi.application"

_set_role = os.environ.get("SHUCAI_DB_SET_ROLE", "")
_options: dict[str, Any] = {}
if _set_role:
    # Migrations act as the owner, which can't log in. A pooled connection would forget the role.
    _options["options"] = f"-c role={_set_role}"
else:
    _options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("SHUCAI_DB_HOST", ""),
        "PORT": os.environ.get("SHUCAI_DB_PORT", "5432"),
        "NAME": os.environ.get("SHUCAI_DB_NAME", "shucai"),
        "USER": os.environ.get("SHUCAI_DB_USER", "shucai_app"),
        "PASSWORD": os.environ.get("SHUCAI_DB_PASSWORD", ""),
        "OPTIONS": _options,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
