# One image for the server (the default command) and for `python manage.py migrate`, `jobs`,
# `doctor` and `backup`. It runs as uid 10001 with a read-only root; only /tmp must be writable.
# `docker run -v todomate:/data -p 8000:8000 IMAGE` is a whole server (docs/self-host.md).

FROM python:3.13-slim-trixie AS build

# The certificate authority of a network that intercepts TLS, if any.
ARG PIP_CERT

# gcc and the headers are for mysqlclient, which has no binary package. Of mariadb-client and
# postgresql-client only the four programs copied below are used.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        gcc libc6-dev libmariadb-dev mariadb-client pkg-config postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && cp /usr/lib/postgresql/*/bin/pg_dump /usr/lib/postgresql/*/bin/psql /usr/local/bin/

WORKDIR /app
COPY requirements-mysql.txt requirements-postgres.txt ./
# The pip of the image installs into the environment, so that the environment contains no pip.
RUN python -m venv --without-pip .venv \
    && python -m pip --python .venv install --no-cache-dir --disable-pip-version-check \
        --root-user-action ignore \
        --require-hashes --requirement requirements-mysql.txt \
        --requirement requirements-postgres.txt

COPY manage.py gunicorn.conf.py LICENSE ./
COPY core core
COPY fastlists fastlists
COPY operations operations
COPY todomate todomate
COPY safemigrations safemigrations
COPY accounts accounts
COPY resources resources
COPY alarms alarms
COPY photos photos
COPY goals goals
COPY todos todos
COPY diaries diaries
COPY cheers cheers
COPY days days
COPY feed feed
COPY infra/rds-ca.pem infra/rds-ca.pem
# The guides that the server shows as pages.
COPY docs/build-an-app.md docs/clients.md docs/tour.md docs/emails.md docs/offline.md \
    docs/limits.md docs/browsers.md docs/
# The files for the folder on the server: `docker run --rm IMAGE tar -C /app/server -c . | tar -x`.
COPY deploy.sh docker-compose.prod.yml docker-compose.mysql.yml .env.example server/
COPY nginx server/nginx
COPY scripts/restore server/scripts/restore

# Collect static files with hashes in their names, and compress them. Then delete those that no page
# loads (4 of 8 MB are source maps and another start of Swagger UI), their sources, and
# the languages of Django and its packages that this server does not support.
# Of Pillow, what reads and writes AVIF and draws texts goes, of emoji its names in other languages, and
# of all compiled modules their symbols.
# Compile with unchecked hashes: image layers round file times, and Python would compile a file with
# another time at each start.
RUN SECRET_KEY=of-no-use-but-to-collect-static-files-while-building DOMAIN=build.invalid \
        .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
        --ignore redoc --ignore rest_framework \
    && find var/static \( -name '*.map' -o -name '*.map.gz' -o -name 'swagger-ui-standalone-*' \) \
        -delete \
    && rm requirements-mysql.txt requirements-postgres.txt \
    && find .venv/lib -path '*/static/*' -type f -delete \
    && find .venv/lib -path '*/locale/*' -name 'django*.[mp]o' \
        -not -path '*/locale/en/*' -not -path '*/locale/ko/*' -delete \
    && find .venv/lib \( -name '*.po' -o -name '*.pyi' \) -delete \
    && find .venv/lib -name tests -type d -prune -exec rm -rf {} + \
    && rm -rf .venv/lib/python*/site-packages/PIL/_avif.* .venv/lib/python*/site-packages/PIL/_imagingft.* \
        .venv/lib/python*/site-packages/PIL/_imagingtk.* .venv/lib/python*/site-packages/PIL/_imagingmath.* \
        .venv/lib/python*/site-packages/PIL/_imagingmorph.* \
    && find .venv/lib/python*/site-packages/pillow.libs \( -name 'libavif-*' -o -name 'libharfbuzz-*' \
        -o -name 'libfreetype-*' -o -name 'libbrotli*' -o -name 'libpng16-*' \) -delete \
    && find .venv/lib -path '*/emoji/unicode_codes/emoji_*.json' -delete \
    && find .venv/lib -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
    && find .venv -empty -type d -delete \
    && .venv/bin/python -m compileall -q -f -j 0 --invalidation-mode unchecked-hash .


FROM python:3.13-slim-trixie

# mysqlclient needs libmariadb3; the mariadb program needs libedit2 and libncurses6, those of
# PostgreSQL the next four. pip is removed, so that nothing can be installed in a running container.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libedit2 libmariadb3 libncurses6 \
        liblz4-1 libpq5 libreadline8t64 libzstd1 \
    && rm -rf /var/lib/apt/lists/* \
    && rm -rf "$(python -c 'import os, pip; print(os.path.dirname(pip.__file__))')"* \
        /usr/local/bin/pip* /usr/bin/pip* \
    && rm -rf "$(python -c 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__))')" \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin todomate \
    && mkdir /run/todomate /srv/static /backups /photos /data \
    && chown 10001:10001 /run/todomate /srv/static /backups /photos /data

COPY --from=build /usr/bin/mariadb /usr/bin/mariadb-dump /usr/bin/
COPY --from=build /usr/local/bin/pg_dump /usr/local/bin/psql /usr/local/bin/
COPY --from=build /app /app

ARG REVISION=unknown
LABEL org.opencontainers.image.title="TodoMate" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
# Allocations of more than 1 MiB are returned to the system when freed. Otherwise each thread would
# keep the 19 MiB of a password hash.
ENV PATH=/app/.venv/bin:$PATH \
    MALLOC_MMAP_THRESHOLD_=1048576 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BIND=0.0.0.0:8000 \
    BACKUP_URL=file:///backups \
    PHOTO_URL=file:///photos \
    DATA_FOLDER=/data

WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "todomate.probe"]
# It becomes gunicorn; without a DATABASE_URL it runs gunicorn and all else that a server needs. There
# is no shell, so that they receive signals.
CMD ["python", "-m", "operations.serving.start"]
