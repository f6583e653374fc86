"""Django's settings, made from the options a person can set; each has a default that works."""

from __future__ import annotations

from pathlib import Path

from riverchief_server.settings.database import database_settings
from riverchief_server.settings.options import home, is_on, option, secret_key

HERE = Path(__file__).resolve().parents[1]
HOME = home()

SECRET_KEY = secret_key()
DEBUG = is_on("debug")
DEMO = is_on("demo")
ALLOWED_HOSTS = [name.strip() for name in option("hosts").split(",") if name.strip()]
DATABASES = {"default": database_settings(option("database_url"), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "simple_history",
    "ninja",
    "riverchief_server.places",
    "riverchief_server.parties",
    "riverchief_server.observations",
    "riverchief_server.standards",
    "riverchief_server.runs",
    "riverchief_server.forecasts",
    "riverchief_server.notices",
    "riverchief_server.cases",
    "riverchief_server.patrols",
    "riverchief_server.api",
    "riverchief_server.sensorthings",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "riverchief_server.api.middleware.ContentSecurityPolicy",
    "riverchief_server.api.middleware.RefusalsInOneShape",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "riverchief_server.urls"
ASGI_APPLICATION = "riverchief_server.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "api" / "public" / "templates", HERE / "api" / "features" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
            ]
        },
    }
]

AUTH_USER_MODEL = "parties.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
# Five wrong passwords for one name from one address lock that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = is_on("https")
SECURE_HSTS_SECONDS = 31_536_000 if is_on("https") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if is_on("https") else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

UPLOAD_BYTES = int(option("upload_mb")) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 12
MEDIA_ROOT = HOME / "media"

USE_TZ = True
TIME_ZONE = option("timezone")
LANGUAGE_CODE = "zh-hans" if option("language").startswith("zh") else "en"
USE_I18N = True

ASSETS = HERE / "assets"
STATIC_URL = "/static/"
STATIC_ROOT = None
STATICFILES_DIRS = [ASSETS] if ASSETS.exists() else []
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_ALLOW_ALL_ORIGINS = False
# Built files carry a hash in their name, so they never change under it.
SERVESTATIC_IMMUTABLE_FILE_TEST = r"^.*-[A-Za-z0-9_-]{8}\.\w+$"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"riverchief_server": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
