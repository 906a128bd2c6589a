"""All settings, read from the environment. A bad value stops the start with one sentence.

Every variable may also be given as NAME_FILE, the path of a file that holds it (container
secrets). `.env.example` lists all of them. TODOMATE_ENV=local is for `make run` and the tests and
needs no other variable.
"""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.utils.csp import CSP

import todomate
from core.environment import (
    LEVELS,
    LOCAL_ORIGIN,
    InvalidSetting,
    database,
    flag,
    numbers,
    origins,
    page,
    rates,
    replicas,
    secret,
    secrets,
    text,
    url,
    whole_number,
    word,
    words,
)
from core.one_container import DATABASE, backup_url, data_folder, has_key, own_key, photo_url

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = todomate.__version__

# Environment

LOCAL = word("TODOMATE_ENV", "production", ("production", "local")) == "local"
DEBUG = flag("DEBUG", default=False)
if DEBUG and not LOCAL:
    raise InvalidSetting(
        "DEBUG",
        "shows the code and the data to everyone; it must be false unless TODOMATE_ENV is local",
    )

# The folder of a server that is one container (core/one_container.py), which makes its keys itself.
DATA_FOLDER = data_folder()
_keys_are_given = LOCAL or DATA_FOLDER is None or bool(text("SECRET_KEY"))
_own_key = "" if _keys_are_given or DATA_FOLDER is None else own_key(DATA_FOLDER, "secret_key")
SECRET_KEY = secret("SECRET_KEY", "local-only-" * 5 if LOCAL else _own_key, local=LOCAL)
# Earlier keys, whose links in mails and sessions of the admin stay valid.
SECRET_KEY_FALLBACKS = secrets("SECRET_KEY_FALLBACKS", local=LOCAL)

# The host name that clients use, if our own proxy is in front of this server.
DOMAIN = text("DOMAIN")
# 10.0.2.2 is what the emulator of Android calls the machine that it runs on.
_default_hosts = ["localhost", "127.0.0.1", "[::1]", "10.0.2.2"] if LOCAL else []
# One container without a name answers to addresses and local names (todomate/middleware.py).
LOCAL_HOSTS_ONLY = bool(DATA_FOLDER and not LOCAL and not DOMAIN and not text("ALLOWED_HOSTS"))
if LOCAL_HOSTS_ONLY:
    _default_hosts = ["*"]
ALLOWED_HOSTS = words("ALLOWED_HOSTS", [DOMAIN] if DOMAIN else _default_hosts)
if not ALLOWED_HOSTS:
    raise InvalidSetting(
        "ALLOWED_HOSTS", "must name the hosts that this server answers to, separated by commas"
    )
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", [])

# Applications

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "core",
    "core.replicas",
    "operations.jobs",
    "safemigrations",
    "operations.doctor",
    "todomate.front",
    "accounts",
    "resources",
    "alarms",
    "photos",
    "goals",
    "todos",
    "diaries",
    "cheers",
    "days",
    "feed",
]
if LOCAL and find_spec("todomate.demo"):  # images are built without it
    INSTALLED_APPS += ["todomate.demo"]

MIDDLEWARE = ["todomate.middleware.ApiOrPages"]
# The middleware of pages (the start page, the docs, the admin), which the API does not need.
PAGE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# The admin expects its middleware in MIDDLEWARE.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]

ROOT_URLCONF = "todomate.urls"
WSGI_APPLICATION = "todomate.wsgi.application"
CSRF_FAILURE_VIEW = "core.exceptions.csrf_failure"
APPEND_SLASH = False  # a redirect would turn a POST into a GET
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "todomate" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database

_file = (DATA_FOLDER or BASE_DIR / "var") / DATABASE
DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{_file}")}
# operations.jobs holds a lock with the name "backup".
SAFE_MIGRATIONS_LONG_TASKS = {"backup": "the nightly backup"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_database: dict[str, Any] = DATABASES["default"]
_options: dict[str, Any] = _database.setdefault("OPTIONS", {})
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction takes the write lock at its start, where SQLite can wait for it, for
    # as long as a request may wait. WAL: readers never wait. FULL: what was committed survives a
    # power cut, since the log is written to the disk before COMMIT succeeds.
    _options |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 4,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
elif _database["ENGINE"] == "core.mysql":
    # READ COMMITTED has no gap locks, so two writes of one person do not deadlock. A lock is waited
    # for as long as a request may wait (core/waiting.py). The gunicorn worker adds limits of
    # connecting, reading and a statement's time (core/mysql/limits.py). The part in
    # /*M! */ is for MariaDB, which otherwise turns EXISTS into IN and reads all follows of the
    # viewer.
    _options |= {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES', innodb_lock_wait_timeout=2"
        " /*M!100000 , optimizer_switch='exists_to_in=off' */",
    }
    if _ca := text("MYSQL_CA"):
        _options |= {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": _ca}}
else:
    # As above: READ COMMITTED, and at most 2 seconds for a lock (core/postgres/limits.py has the
    # other limits). Each of our queries reads few rows by an index, from as few of the next table,
    # and stops at the end of a page. Other joins read whole tables first, and the planner takes
    # them for cheaper as long as those are small. Compiling such queries does not pay either.
    _options |= {
        "options": "-c default_transaction_isolation=read\\ committed -c lock_timeout=2s"
        " -c enable_hashjoin=off -c enable_mergejoin=off -c random_page_cost=1.1 -c work_mem=64kB"
        " -c hash_mem_multiplier=1 -c jit=off",
    }
    if _ca := text("POSTGRES_CA"):
        _options |= {"sslmode": "verify-full", "sslrootcert": _ca}
# The first request of each thread must not fail after a restart of the database.
_database["CONN_HEALTH_CHECKS"] = not _database["ENGINE"].endswith("sqlite3")

# Each of gunicorn's threads keeps its connection: there are workers × threads of them.
_database["CONN_MAX_AGE"] = whole_number("CONN_MAX_AGE", 600, 0, 86_400)

# Without replicas there is no router, so queries do not pay for it.
_replicas = replicas("DATABASE_REPLICA_URLS", words("DATABASE_REPLICA_URLS", []), _database)
DATABASES |= _replicas
DATABASE_ROUTERS = ["core.replicas.router.Router"] if _replicas else []
# Seconds after which the writes of others must be visible on a replica that serves reads.
REPLICA_MAX_LAG = whole_number("DATABASE_REPLICA_MAX_LAG", 10, 2, 3600)

# Cache: losing it loses no data. Without Redis each process has its own.

REDIS_URL = url("REDIS_URL", "", ("redis", "rediss")).geturl() if text("REDIS_URL") else ""
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Release 0.1.0 stores pickles under keys without a prefix.
        "KEY_PREFIX": "json",
        "OPTIONS": {
            "serializer": "todomate.sessions.Json",
            "socket_connect_timeout": 1,
            "socket_timeout": 1,
        },
    }
    SESSION_ENGINE = "todomate.sessions"

# Backups and nightly jobs

BACKUP_URL = url("BACKUP_URL", (BASE_DIR / "var" / "backups").as_uri(), ("file", "s3")).geturl()
if DATA_FOLDER:
    BACKUP_URL = backup_url(DATA_FOLDER, text("BACKUP_URL"))
BACKUP_KEEP_DAYS = whole_number("BACKUP_KEEP_DAYS", 30, 1, 3650)
NIGHTLY_HOUR = whole_number("NIGHTLY_HOUR", 18, 0, 23)

# Photos

PHOTO_URL = url("PHOTO_URL", (BASE_DIR / "var" / "photos").as_uri(), ("file", "s3")).geturl()
if DATA_FOLDER:
    PHOTO_URL = photo_url(DATA_FOLDER, text("PHOTO_URL"))
# nginx sends the pictures (nginx/pictures.conf), which the server then only names.
PHOTO_ACCEL = flag("PHOTO_ACCEL", default=False)
# Of one person: photos in all, those that are on nothing yet, and all files together; 0: no limit.
PHOTO_LIMITS = numbers(
    "PHOTO_LIMITS",
    words("PHOTO_LIMITS", []),
    {"photos": 5_000, "unattached": 50, "megabytes": 1_024},
)

# Authentication

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.credentials.backends.PasswordBackend"]
PASSWORD_HASHERS = [
    "accounts.credentials.hashers.Argon2idHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
    {"NAME": "accounts.credentials.validators.ContextWordsValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.credentials.passwords.EndSessions"},
]
_signing_key = SECRET_KEY
# Whoever sets SECRET_KEY later signs nobody out: the key in the folder goes on signing tokens.
if DATA_FOLDER and not LOCAL and (_own_key or has_key(DATA_FOLDER, "jwt_signing_key")):
    _signing_key = own_key(DATA_FOLDER, "jwt_signing_key")
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "SIGNING_KEY": secret("JWT_SIGNING_KEY", _signing_key, local=LOCAL),
    "UPDATE_LAST_LOGIN": False,
}
# Other keys whose tokens are accepted: those of before an exchange of JWT_SIGNING_KEY.
JWT_VERIFYING_KEYS = secrets("JWT_VERIFYING_KEYS", local=LOCAL)
# The `aud` of tokens. Servers that share a key must not accept each other's.
JWT_AUDIENCE = text("JWT_AUDIENCE", "todomate")
SESSION_LIFETIME = timedelta(days=90)
REFRESH_GRACE = timedelta(seconds=60)
# Whether a session shows the network of its device's address to its owner.
SESSION_NETWORKS = flag("SESSION_NETWORKS", default=False)
PASSWORD_RESET_TIMEOUT = 60 * 60
# The page of the app that asks for the new password, with the placeholder {token}.
PASSWORD_RESET_URL = page("PASSWORD_RESET_URL", "todomate://reset?token={token}")
# Whether emails are confirmed by a link in a mail (docs/emails.md).
EMAIL_VERIFICATION = word("EMAIL_VERIFICATION", "off", ("off", "optional", "required"))
EMAIL_CONFIRM_TIMEOUT = 24 * 60 * 60
# The pages of the app that complete a sign-up and confirm an email, with the placeholder {token}.
SIGN_UP_CONFIRM_URL = page("SIGN_UP_CONFIRM_URL", "todomate://confirm-signup?token={token}")
EMAIL_CONFIRM_URL = page("EMAIL_CONFIRM_URL", "todomate://confirm-email?token={token}")
# Who may sign up (docs/self-host.md), and the app's page for an invitation.
SIGN_UP = word("SIGN_UP", "open", ("open", "invitation", "closed"))
INVITATION_URL = page("INVITATION_URL", "todomate://signup?invitation={token}")
# Whether what is public of open people may be read without an account (docs/self-host.md).
ANONYMOUS_READING = flag("ANONYMOUS_READING", default=True)
# Whether operators sign in to the admin with a second factor only (docs/second-factor.md).
OPERATORS_NEED_SECOND_FACTOR = flag("OPERATORS_NEED_SECOND_FACTOR", default=False)
# Limits attempts to sign in, and the quotas below. Off only in load tests.
RATE_LIMITS = flag("RATE_LIMITS", default=True)
# What one person, and of `anonymous` one network, may do in one process: an amount at once, and the
# seconds after which it is available again. An amount of 0 is no limit. docs/limits.md
QUOTAS = rates(
    "QUOTAS",
    words("QUOTAS", []),
    {
        "reads": (0, 60),
        "writes": (2_000, 1_200),
        "searches": (240, 240),
        "follows": (200, 3_600),
        "uploads": (100, 3_600),
        "anonymous": (600, 30),
        "open_reads": (120, 60),
        "pictures": (3_000, 30),
    },
)
# Rows of one person in all; 0 is no limit.
ROW_LIMITS = numbers(
    "ROW_LIMITS",
    words("ROW_LIMITS", []),
    {
        "todos": 500_000,
        "diaries": 18_000,
        "cheers": 500_000,
        "dismissals": 200_000,
        "follows": 5_000,
        "blocks": 20_000,
    },
)
# The number of proxies in front of this server whose X-Forwarded-For entries are trusted.
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", 0, 0, 5)
TOMBSTONE_DAYS = whole_number("TOMBSTONE_DAYS", 90, 1, 3650)

# The API

REST_FRAMEWORK = {
    "NON_FIELD_ERRORS_KEY": "",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.credentials.authentication.SessionJWTAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.renderers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.renderers.AlwaysJSON",
    "DEFAULT_FILTER_BACKENDS": ["core.filters.FilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "core.pagination.KeysetPagination",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "core.schema.views.AutoSchema",
    "EXCEPTION_HANDLER": "core.exceptions.exception_handler",
    # Not AnonymousUser, which queries would take for a person without rows.
    "UNAUTHENTICATED_USER": None,
    "TIME_FORMAT": "%H:%M",
    "TIME_INPUT_FORMATS": ["%H:%M"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TodoMate",
    "DESCRIPTION": "A server for todos and diaries shared with friends: "
    "goals, todos, quick inputs, diaries, cheers.\n\n"
    "Version 1 only grows: later releases add operations, optional fields, and values of enums and "
    "of `code`. Clients accept values of enums that they do not know, and leave such a field out "
    "of updates. A client that keeps the text may send it back; a constant for unknown values, "
    "which only its generator knows, must never be sent. Clients ignore fields that they do not "
    "know.\n\n"
    "In a create, null as an optional field is as good as leaving it out. In a PATCH null clears a "
    "field that can be empty, which `clear` does without null; it leaves a list as it is; for any "
    "other field it is an error.\n\n"
    "Instants are in UTC, with six digits of the second and `Z`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {
        "name": "Apache License 2.0",
        "url": "https://www.apache.org/licenses/LICENSE-2.0",
    },
    # No other one: the docs page may send requests to this server only (Content-Security-Policy).
    "SERVERS": [{"url": "/", "description": "The server that this document comes from"}],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {
        "day": {
            "type": "string",
            "format": "date",
            "pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$",
        },
        "id": {"type": "string", "format": "uuid"},
    },
    # Flutter, Swift, Java and Kotlin have a State, a Visibility and a Locale of their own.
    "ENUM_SUFFIX": "",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "CheerKind": ["todo", "diary"],
        "FollowState": "accounts.people.serializers.STATES",
        "GoalState": "goals.models.Goal.State",
        "HealthStatus": ["ok"],
        "Language": "accounts.models.Profile.Locale",
        "VisibilityLevel": "accounts.visibility.Visibility",
        "Weekday": "accounts.models.Weekday",
    },
    # In the order of the code: path, filters, page. A new one is the last of its kind.
    "SORT_OPERATION_PARAMETERS": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # The hook for enums must run first, as it replaces the components.
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.finishing.finish",
    ],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Lists run as compiled SQL and are rendered from columns (fastlists/README.md). With False they
# use DRF's standard rendering, with the same responses in the same queries.
FAST_LISTS = True
# Under test each compiled query is compared with what the ORM would run.
CHECK_COMPILED_QUERIES = False

# Language and time: the server uses UTC; people's time zones are in their profiles.

LANGUAGE_CODE = "en"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "todomate" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files of the admin and the docs page

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
if LOCAL:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _static if LOCAL else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Mail

_mail = url("MAIL_URL", "console://", ("smtp", "smtps", "console"))
# A log is no place for links that reset passwords, so only a local server prints mails.
MAILERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.mail.backends.console.EmailBackend"
        if LOCAL
        else "core.mail.UnsentBackend"
    }
}
if _mail.scheme != "console":
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mail.hostname or "localhost",
            "port": _mail.port or (465 if _mail.scheme == "smtps" else 587),
            "username": unquote(_mail.username or ""),
            "password": unquote(_mail.password or ""),
            "use_ssl": _mail.scheme == "smtps",
            "use_tls": _mail.scheme == "smtp" and bool(_mail.username),
            "timeout": 10,
        },
    }
DEFAULT_FROM_EMAIL = text("MAIL_FROM", "TodoMate <todomate@localhost>")

# Browsers

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# Messages of the admin are in the session, so that there is no third cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True  # the forms have the token
if not LOCAL:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Browsers take these from this very host alone, over https and for all paths.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = whole_number("HSTS_SECONDS", 31_536_000, 0, 63_072_000)

# Pages of other origins that may use the API (docs/browsers.md). Off if both are empty: then no
# request pays for it. There are no cookies, so the token alone tells who asks.
CORS_ALLOWED_ORIGINS = origins("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS == ["*"]
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
# A local server allows the pages of this machine and of its network.
CORS_ALLOWED_ORIGIN_REGEXES = [LOCAL_ORIGIN] if LOCAL else []
CORS_URLS_REGEX = r"^/api/(v1|schema)(/|$)"
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "X-Request-ID",
]
# Browsers hide the others of an answer's headers.
CORS_EXPOSE_HEADERS = [
    "Content-Language",
    "Deprecation",
    "ETag",
    "Link",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-Request-ID",
]

# Files that other software looks for on this host (docs/browsers.md)

WELL_KNOWN_DIR = text("WELL_KNOWN_DIR")
# The page of the app on which people change their password.
CHANGE_PASSWORD_URL = (
    text("CHANGE_PASSWORD_URL")
    and url("CHANGE_PASSWORD_URL", "", ("https", "http") if LOCAL else ("https",)).geturl()
)

# docs/logs.md describes the lines.
_level = word("LOG_LEVEL", "INFO", LEVELS)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.LogFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": []},  # its own would print without our formatter
        # Django logs 4xx responses as warnings. They are clients' errors and in the access log
        # already.
        "django.request": {"level": "ERROR"},
        # Logged whatever LOG_LEVEL is.
        "todomate.security": {"level": "INFO"},
    },
    "root": {"handlers": ["console"], "level": _level},
}
