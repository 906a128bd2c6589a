#!/usr/bin/env bash
# Deploy a release of TodoMate on this machine, without a failed request.
#
#   deploy.sh init               create missing files (.env, secrets) and folders; change no others
#   deploy.sh NAME@sha256:…      deploy this image (or sha256:…, an image that was built here)
#   deploy.sh rollback           deploy the previous release again
#   deploy.sh status             show what is running, since when, and the last deploys
#   deploy.sh reload             make nginx load a new certificate or configuration
#   deploy.sh compose …          run docker compose as this script does: logs, ps, run …
#
# Steps of a deploy: doctor → backup point → migrate (expand only) → start the new web beside the
# old → wait until it is ready → switch → stop the old. If a step before the switch fails, the old
# web keeps serving and the new one is removed. After a kill at any point, run it again. Migrations
# are not reversed: the previous release runs on the new schema.
# Variables: WAIT=120 (seconds for the new web to become ready), BACKUP_BEFORE_MIGRATE=true,
# RESTART=true (apply new settings).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly OWNER=10001 NGINX_OWNER=101 MYSQL_OWNER=999
WAIT=${WAIT:-120}
# The files in this folder that belong to a release.
readonly KIT=(deploy.sh docker-compose.prod.yml docker-compose.mysql.yml nginx scripts .env.example)

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
note() { mkdir -p state; printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>state/log; }
die() {
  say "$*" >&2
  note "$*"
  exit 1
}

# ---- the environment

compose() { docker compose --progress quiet "$@"; }

# Print the value of a variable as Compose sees it: from the environment or .env, where it may be in
# quotes or be followed by a comment.
setting() {
  local value
  value=$(set +u; printf '%s' "${!1}")
  [[ -n $value ]] || value=$(
    sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*//p" .env 2>/dev/null |
      tail -n 1 |
      sed -E "s/^'([^']*)'.*/\1/; t; s/^\"([^\"]*)\".*/\1/; t; s/(^|[[:space:]]+)#.*//; s/[[:space:]]+\$//"
  )
  printf '%s' "$value"
}

# Check and set what every command needs. The image is always set, as the compose file requires it.
surroundings() {
  [[ -f .env ]] || die "There is no .env here: run ./deploy.sh init first."
  [[ -r .env ]] ||
    die ".env contains secrets and $(id -un) cannot read it: run this as root (sudo ./deploy.sh …)."
  [[ -n $(setting DOMAIN) ]] ||
    die "DOMAIN is empty in .env: set it to the host name that clients use to reach this server."
  command -v docker >/dev/null || die "Docker is not installed here: see docs/deploy.md."
  docker info >/dev/null 2>&1 ||
    die "Docker does not answer: is it running, and may $(id -un) use it?"
  docker compose version >/dev/null 2>&1 ||
    die "Docker has no Compose: install the plugin (docker-compose-v2 or docker-compose-plugin)."
  local files project
  files=$(setting COMPOSE_FILE) project=$(setting COMPOSE_PROJECT_NAME)
  export COMPOSE_FILE=${files:-docker-compose.prod.yml} COMPOSE_PROJECT_NAME=${project:-todomate}
  export TODOMATE_IMAGE=${TODOMATE_IMAGE:-$(read_state current)}
  TODOMATE_IMAGE=${TODOMATE_IMAGE:-none}
}

as_root() {
  [[ $(id -u) == 0 ]] ||
    die "Run this as root (sudo ./deploy.sh …): it changes the owners of files for the containers."
}

read_state() { cat "state/$1" 2>/dev/null || true; }
write_state() { printf '%s\n' "$2" >"state/.$1" && mv "state/.$1" "state/$1"; }

# lock SECONDS: allow one run at a time, and wait so long for another one. The kernel frees the lock
# with the last process that has it, however these end.
lock() {
  mkdir -p state
  exec 9>state/lock
  flock --timeout "$1" 9 ||
    die "Another deploy.sh is running here (or one of its commands has not ended yet): wait for it."
  trap at_the_end EXIT
}
# Remove what this run has started and not completed. Only with the lock: without it, another run
# may have started it.
# shellcheck disable=SC2329  # called by the trap
at_the_end() {
  local code=$?
  end_steps
  [[ $code == 0 ]] || put_kit_back
}

# ---- init

random_words() { head -c 60 /dev/urandom | base64 | tr -d '\n=+/'; }

make_secret() {
  [[ -e secrets/$1 ]] && return
  (umask 377 && printf '%s' "$2" >"secrets/.$1")
  mv "secrets/.$1" "secrets/$1"
  say "Created secrets/$1${3:+: $3}"
}

init() {
  mkdir -p state backups buffers acme tls secrets well-known
  rm -f secrets/.??*
  if [[ ! -e .env ]]; then
    (umask 77 && printf '%s\n' \
      "# Settings of this server: any of .env.example, except for secrets, which are in secrets/." \
      "# The host name that clients use to reach it." "DOMAIN=" >.env)
    say "Created .env: write the server's name after DOMAIN="
  fi
  make_secret secret_key "$(random_words)"
  make_secret jwt_signing_key "$(random_words)"
  make_secret mail_url console:// \
    "write smtp://user:password@host:587 into it; until then mail is only logged"
  if [[ $(setting COMPOSE_FILE) == *mysql* ]]; then
    make_secret mysql_password "$(random_words)"
    make_secret mysql_root_password "$(random_words)"
    [[ -s secrets/database_url ]] || rm -f secrets/database_url
    make_secret database_url "mysql://todomate:$(cat secrets/mysql_password)@mysql:3306/todomate"
  else
    make_secret database_url '' "write mysql://user:password@host:3306/name into it"
  fi
  own
}

# Give the files to the users of the containers; no other user of this machine may read them.
own() {
  chmod 755 secrets tls
  chown "$OWNER:$OWNER" backups secrets/*
  mkdir -p buffers well-known
  chown "$NGINX_OWNER:$NGINX_OWNER" buffers
  chmod 700 backups buffers
  chmod -R a+rX well-known
  find secrets -type f -exec chmod 400 {} +
  find secrets -type f -name 'mysql_*' -exec chown "$MYSQL_OWNER:$MYSQL_OWNER" {} +
  find tls -type f -name '*.pem' -exec chown "$NGINX_OWNER:$NGINX_OWNER" {} + -exec chmod 400 {} +
}

# ---- web containers

# Print the containers of the service web, without those of `compose run`.
webs() {
  docker ps --all --quiet --no-trunc \
    --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" \
    --filter label=com.docker.compose.service=web \
    --filter label=com.docker.compose.oneoff=False
}
web_count() { webs | grep -c . || true; }
probe() { docker exec "$1" python -m todomate.probe "${@:2}"; }
is_running() { [[ $(docker inspect --format '{{.State.Running}}' "$1" 2>/dev/null) == true ]]; }
# id_of IMAGE, runs CONTAINER: print the id of an image, or of the image of a container.
id_of() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true; }
runs() { docker inspect --format '{{.Image}}' "$1"; }
# is_of CONTAINER IMAGE: true if it runs that image. Some engines print sha256: before an id.
is_of() {
  local id
  id=$(id_of "$2")
  [[ -n $id && ${id#sha256:} == "$(runs "$1" | sed 's/^sha256://')" ]]
}

# Print the active web container, to which nginx forwards requests, if it is running. The name of
# its socket is that of the container.
in_charge() {
  local web link=''
  for web in $(webs); do
    ! is_running "$web" ||
      ! link=$(docker exec "$web" readlink /run/todomate/web.sock 2>/dev/null) || break
  done
  for web in $(webs); do
    [[ -z $link || $web != "${link%.sock}"* ]] || ! is_running "$web" || printf '%s\n' "$web"
  done
}

# Report the state of the previous release after the new one has failed.
as_before() {
  if [[ -n $(in_charge) ]]; then
    say "The previous release is still in service, no request was lost."
  else
    say "Nothing is in service."
  fi
}

# Stop containers after they have answered the requests that arrived before the switch.
retire() {
  local web
  for web in "$@"; do
    docker stop -t 30 "$web" >/dev/null 2>&1 || true
    docker rm --force "$web" >/dev/null 2>&1 || true
  done
}

# Remove what a killed run has left: running steps, and web containers that are not active.
settle() {
  local web charge begun
  docker ps --all --quiet --filter "label=todomate.step=$COMPOSE_PROJECT_NAME" |
    xargs --no-run-if-empty docker rm --force >/dev/null
  charge=$(in_charge)
  if [[ -z $charge ]]; then
    # There is no active web, or it has ended: activate another one that is ready. If none is, keep
    # all: they may only be waiting for their database.
    for web in $(webs); do
      if is_running "$web" && probe "$web" --take-charge >/dev/null 2>&1; then
        charge=$web
        break
      fi
    done
    [[ -n $charge ]] || return 0
  fi
  for web in $(webs); do
    [[ $web == "$charge" ]] || {
      say "Removing a web that is not in service: ${web:0:12}"
      retire "$web"
    }
  done
  # Trust what is running: a run may have been killed after the switch and before it was recorded.
  begun=$(read_state begun)
  if [[ -n $begun ]] && is_of "$charge" "$begun"; then
    is_of "$charge" "$(read_state current)" || record "$begun"
    rm -rf state/kit-before
  fi
}

record() {
  local before
  before=$(read_state current)
  [[ -z $before || $before == "$1" ]] || write_state previous "$before"
  write_state current "$1"
}

# ---- the files of a release in this folder

# Copy them from the image. The old ones are kept until the switch and restored if a step fails.
unpack() {
  local name changed=''
  [[ ! -e .git ]] || return 0 # a checkout has its own
  rm -rf state/kit
  mkdir state/kit
  once true # sets `steps`, which a pipe below would do in a process of its own
  once tar -C /app/server -cf - . | tar -C state/kit -xf - --no-same-owner
  for name in "${KIT[@]}"; do
    diff -rq "$name" "state/kit/$name" >/dev/null 2>&1 || changed=yes
  done
  [[ -n $changed ]] || return 0
  if [[ ! -e state/kit-before/whole ]]; then
    rm -rf state/kit-before
    mkdir state/kit-before
    for name in "${KIT[@]}"; do [[ ! -e $name ]] || cp -a "$name" state/kit-before/; done
    touch state/kit-before/whole
  fi
  put_in_place state/kit
  # Continue with the script of the release, which belongs to its compose file.
  end_steps
  KIT_IN_PLACE=yes exec ./deploy.sh "$1"
}

# Rename each file into place, so that it is never incomplete, even on a full disk. Keep the
# folders, which are mounted in nginx.
put_in_place() {
  local name file files
  rm -rf state/.new
  for name in "${KIT[@]}"; do
    [[ -e $1/$name ]] || continue
    files=$(cd "$1" && find "$name" -type f)
    while IFS= read -r file; do
      mkdir -p "$(dirname "$file")"
      cp --preserve=mode,timestamps "$1/$file" state/.new
      mv state/.new "$file"
    done <<<"$files"
  done
}

# shellcheck disable=SC2329  # called by at_the_end
put_kit_back() {
  [[ -e state/kit-before/whole && -e .env ]] || return 0
  put_in_place state/kit-before
  rm -rf state/kit-before
}

# ---- the steps

fetch() {
  [[ $1 =~ ^([a-z0-9./:_-]+@)?sha256:[0-9a-f]{64}$ ]] ||
    die "The image must have a digest, NAME@sha256:…, so that it is the tested one: $1"
  docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null ||
    die "The image could not be pulled: $1"
}

# Run a command in a container of the new image with the settings and secrets of the server. All
# steps use the same container.
steps=''
once() {
  if [[ -z $steps ]]; then
    steps=$(compose run --detach --no-deps --no-TTY --label "todomate.step=$COMPOSE_PROJECT_NAME" \
      jobs sleep infinity) ||
      die "Nothing was changed: the image does not start (see above)."
  fi
  docker exec "$steps" "$@"
}
end_steps() {
  [[ -z $steps ]] || docker rm --force "$steps" >/dev/null 2>&1 || true
  steps=''
}

doctor() {
  local known
  say "Doctor"
  [[ -s tls/fullchain.pem && -s tls/privkey.pem ]] ||
    die "tls/fullchain.pem and tls/privkey.pem are missing, and nginx needs a certificate: see" \
      "docs/deploy.md for how to get one."
  ! nginx_runs || nginx_would_accept ||
    die "nginx does not accept the configuration of this release (see above). It was not applied."
  known=$(migrations_in_service) || [[ $change == back ]] ||
    die "The migrations of the running release cannot be read (see above). Nothing was changed."
  once python manage.py doctor --before-deploy --in-service "$known" \
    --dotenv "$(sed -nE 's/^(export )?([A-Za-z_][A-Za-z0-9_-]*)=.*/\2/p' .env | tr '\n' ' ')" && return
  [[ $change == forward ]] || {
    say "Rolling back nevertheless: a release that is not ready will not be put into service."
    return 0
  }
  die "The doctor has found errors (see above). The running release was not changed."
}

# Print the migrations of the running release, as app.name. Read from its files, as another Python
# process might not fit into its memory.
migrations_in_service() {
  local charge
  charge=$(in_charge)
  [[ -z $charge ]] || docker exec "$charge" find . -path '*/migrations/[0-9]*.py' |
    sed -E 's|.*/([^/]+)/migrations/([^/]+)\.py$|\1.\2|'
}

backup_point() {
  if once python manage.py migrate --check >/dev/null 2>&1; then
    say "Backup point: not needed, there is no migration to run"
    return
  fi
  if [[ ${BACKUP_BEFORE_MIGRATE:-true} == true ]]; then
    say "Backup point"
    once python manage.py backup ||
      die "The backup failed, so nothing was changed (BACKUP_BEFORE_MIGRATE=false skips it)."
  else
    say "Backup point: skipped, as BACKUP_BEFORE_MIGRATE is set"
  fi
  note "backup point before the migrations of $TODOMATE_IMAGE"
}

migrate() {
  say "Migrate"
  once sh -c 'python manage.py mend && python manage.py migrate --noinput' ||
    die "A migration failed. The running release was not changed; fix the error and run this again."
}

# Start a new web container; set `new`.
start_beside() {
  local before
  before=$(webs | sort)
  say "Starting the new web beside the old"
  compose up --detach --no-deps --no-recreate --scale "web=$(($(web_count) + 1))" web || true
  new=$(comm -13 <(printf '%s\n' "$before") <(webs | sort) | tail -n 1)
  [[ -n $new ]] || {
    as_before
    die "The new web did not start."
  }
}

wait_until_ready() {
  local end=$((SECONDS + WAIT)) why=''
  say "Waiting until it is ready"
  while ((SECONDS < end)); do
    is_running "$new" || {
      why="it has ended"
      break
    }
    why=$(probe "$new" 2>&1) && return
    sleep 0.5
  done
  docker logs --tail 20 "$new" >&2 || true
  retire "$new"
  as_before
  die "Rolled back: the new web is not ready ($(printf '%s' "$why" | tail -n 1))."
}

switch() {
  say "Switching to it"
  if ! probe "$new" --take-charge && [[ $(in_charge) != "$new" ]]; then
    retire "$new"
    as_before
    die "Rolled back: the new web could not be activated."
  fi
  record "$TODOMATE_IMAGE"
  rm -rf state/kit-before
  note "in service: $TODOMATE_IMAGE"
}

stop_old() {
  local web old=()
  for web in $(webs); do [[ $web == "$new" ]] || old+=("$web"); done
  [[ ${#old[@]} == 0 ]] || {
    say "Stopping the old"
    sleep 1 # for connections that it has not accepted yet
    retire "${old[@]}"
  }
}

# ---- the other services

# Print the state of a service and the end of its log.
last_words() {
  local container
  for container in $(compose ps --quiet --all "$1"); do
    docker inspect --format \
      "$1: {{.State.Status}}, exit code {{.State.ExitCode}}, started {{.State.StartedAt}}" \
      "$container" >&2 || true
    docker logs --tail 20 "$container" >&2 || true
  done
}

# up SERVICE [OPTION…]: start a service. Recreate its container only if its configuration has
# changed.
up() {
  local container how=()
  for container in $(compose ps --quiet --all "$1"); do
    [[ $(docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' \
      "$container") != "$(compose config --hash "$1" | cut -d ' ' -f 2)" ]] || how=(--no-recreate)
  done
  compose up --detach --no-deps "${how[@]}" "${@:2}" "$1"
}

helpers() {
  local service
  for service in $(compose config --services); do
    case $service in
      web | nginx | jobs) ;;
      mysql) start_mysql ;;
      *) up "$service" ;;
    esac
  done
}

mysql_answers() {
  compose exec --no-TTY mysql mysqladmin ping --host=127.0.0.1 --silent >/dev/null 2>&1
}

# A running MySQL is never restarted, even if its configuration has changed: run
# `deploy.sh compose up --detach mysql` when there is little traffic. The first start takes a while.
start_mysql() {
  local end=$((SECONDS + WAIT))
  ! mysql_answers || return 0
  up mysql
  until mysql_answers; do
    ((SECONDS < end)) || {
      last_words mysql
      die "MySQL does not start (see above). The running release was not changed."
    }
    sleep 1
  done
}

# jobs reads the secrets at its start, so recreate it if they have changed.
start_jobs() {
  local sum
  sum=$(cat secrets/* | sha256sum)
  say "Starting its jobs"
  if [[ ${RESTART:-} == true || $(read_state secrets) != "$sum" ]]; then
    compose up --detach --no-deps --force-recreate jobs
  else
    up jobs
  fi
  write_state secrets "$sum"
}

nginx_runs() { [[ -n $(compose ps --quiet nginx) ]]; }
nginx_accepts() { compose exec --no-TTY nginx nginx -t -q -c /etc/todomate/nginx.conf; }
# Test nginx's configuration with the image and mounts of this release, which may differ from those
# of the running nginx. Not before the first web: the first container with a volume owns it.
nginx_would_accept() {
  local container code=0
  container=$(compose run --detach --no-deps --no-TTY \
    --label "todomate.step=$COMPOSE_PROJECT_NAME" --entrypoint "sleep 60" nginx) || return
  docker exec "$container" nginx -t -q -c /etc/todomate/nginx.conf || code=$?
  docker rm --force "$container" >/dev/null 2>&1 || true
  return "$code"
}

serve() {
  local sum end=$((SECONDS + 20)) why
  own
  up nginx
  sum=$(cat nginx/* tls/*.pem | sha256sum)
  if [[ $(read_state nginx) != "$sum" ]]; then
    [[ -z $(read_state nginx) ]] || reload
    write_state nginx "$sum"
  fi
  until why=$(through_nginx 2>&1); do
    ((SECONDS < end)) || {
      last_words nginx
      die "nginx does not serve ($why): the end of its log is above."
    }
    sleep 0.5
  done
}

# Send a request through nginx, without verifying the certificate.
through_nginx() { probe "$(in_charge)" --at https://nginx:8443; }

reload() {
  own
  nginx_runs || die "nginx is not running: see ./deploy.sh compose logs nginx."
  nginx_accepts ||
    die "nginx does not accept its configuration (see above): it serves with the previous one."
  compose exec --no-TTY nginx nginx -s reload -c /etc/todomate/nginx.conf
}

# Remove old images of this name, which take up disk space.
tidy() {
  local image keep name=${TODOMATE_IMAGE%@*}
  [[ $name != sha256:* ]] || return 0
  keep=$(
    id_of "$(read_state current)"
    id_of "$(read_state previous)"
  )
  for image in $(docker image ls --quiet --no-trunc "$name" | sort -u); do
    grep -qF "${image#sha256:}" <<<"$keep" || docker image rm "$image" >/dev/null 2>&1 || true
  done
}

# ---- the commands

put_into_service() {
  export TODOMATE_IMAGE=$1
  local change=$2 new='' charge
  [[ -n ${KIT_IN_PLACE:-} ]] || note "deploy of $TODOMATE_IMAGE begins"
  fetch "$TODOMATE_IMAGE"
  [[ $change == back ]] || rm -f state/going-back
  init # for files that are new in this release
  settle
  write_state begun "$TODOMATE_IMAGE"
  [[ -n ${KIT_IN_PLACE:-} ]] || unpack "$3"
  helpers
  doctor
  if [[ $change == forward ]]; then
    backup_point
    migrate
  fi
  end_steps
  charge=$(in_charge)
  if [[ -n $charge && ${RESTART:-} != true ]] && is_of "$charge" "$TODOMATE_IMAGE"; then
    say "This release is in service already (RESTART=true applies new settings)"
    record "$TODOMATE_IMAGE"
    rm -rf state/kit-before
  else
    start_beside
    wait_until_ready
    switch
    stop_old
  fi
  serve
  start_jobs
  tidy
  say "In service: $TODOMATE_IMAGE"
}

rollback() {
  local before
  # If this runs again, by the script of that release or after an interruption, the release is the
  # same.
  before=${KIT_IN_PLACE:+$(read_state begun)}
  before=${before:-$(read_state going-back)}
  before=${before:-$(read_state previous)}
  [[ -n $before ]] || die "There is no previous release."
  write_state going-back "$before"
  say "Rolling back to $before"
  put_into_service "$before" back rollback
  rm -f state/going-back
}

status() {
  local charge
  charge=$(in_charge)
  say "Current:  $(read_state current)"
  say "Previous: $(read_state previous)"
  if [[ -z $charge ]]; then
    say "No web is in service."
  elif probe "$charge" && through_nginx; then
    say "In service: web ${charge:0:12}, ready, and nginx serves it"
  else
    say "In service: web ${charge:0:12}, NOT ready (see the line above)"
  fi
  compose ps --all
  [[ -z $charge ]] || compose exec --no-TTY jobs python manage.py jobs --status || true
  tail -n 5 state/log 2>/dev/null || true
  [[ -n $charge ]]
}

main() {
  # The script of the release has inherited the lock from the script that started it.
  [[ -z ${KIT_IN_PLACE:-} ]] || trap at_the_end EXIT
  case ${1:-} in
    init) as_root; init ;;
    status) surroundings; status ;;
    reload) as_root; surroundings; lock 900; reload ;;
    rollback)
      as_root
      surroundings
      [[ -n ${KIT_IN_PLACE:-} ]] || lock 0
      rollback
      ;;
    compose) surroundings; shift; docker compose "$@" ;;
    '' | -* | help)
      sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 2
      ;;
    *)
      as_root
      surroundings
      [[ -n ${KIT_IN_PLACE:-} ]] || lock 0
      put_into_service "$1" forward "$1"
      ;;
  esac
}

# At the end, so that bash has read the whole file: a deploy replaces it.
main "$@"
exit
