"""The settings of `startproject` and of the tutorials of DRF, simplejwt and django-filter.

The database connection has the project's options and lifetime, but uses Django's backend and no
health check, which costs a round trip per request and is not in any tutorial.
"""

from todomate import settings as project

ALLOWED_HOSTS = project.ALLOWED_HOSTS
SECRET_KEY = project.SECRET_KEY
AUTH_USER_MODEL = project.AUTH_USER_MODEL
DEFAULT_AUTO_FIELD = project.DEFAULT_AUTO_FIELD
DATABASES = {"default": project.DATABASES["default"] | {"CONN_HEALTH_CHECKS": False}}
if DATABASES["default"]["ENGINE"] == "core.mysql":
    DATABASES["default"]["ENGINE"] = "django.db.backends.mysql"
SIMPLE_JWT = {"SIGNING_KEY": project.SIMPLE_JWT["SIGNING_KEY"]}
# What the project's modules read when they are imported: cheers are shown on posts.
SESSION_LIFETIME = project.SESSION_LIFETIME

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "core",
    "core.replicas",
    "accounts",
    "goals",
    "photos",
    "todos",
    "diaries",
    "cheers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "benchmarks.twin.api"
STATIC_URL = "static/"
USE_TZ = True
TIME_ZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
}
