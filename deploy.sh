#!/usr/bin/env bash
# Puts a release of TodoMate into service on this machine, without a failed request. It stands beside docker-compose.prod.yml.
#
#   deploy.sh init               make .env, the secrets and the folders that are missing; changes nothing that is there
#   deploy.sh NAME@sha256:…      put this image into service (or sha256:…, an image built here)
#   deploy.sh rollback           put the release before into service again
#   deploy.sh status             what runs, since when, and what was done last
#   deploy.sh reload             nginx takes up a new certificate or configuration
#   deploy.sh compose …          docker compose, as this script calls it: logs, ps, run …
#
# A release goes through: doctor → backup point → migrate (expand only) → start the new web beside the old → wait until it
# is ready → switch → stop the old. Whatever fails before the switch leaves the old one in service, and the new one is taken
# away. Killed at any point and run again, it ends right. A migration is not taken back: the release before runs on it.
#
# Variables: WAIT=120 (seconds for the new web to become ready), BACKUP_BEFORE_MIGRATE=true, RESTART=true (new settings).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly OWNER=10001 NGINX_OWNER=101 MYSQL_OWNER=999
WAIT=${WAIT:-120}
# What of this folder belongs to a release.
readonly KIT=(deploy.sh docker-compose.prod.yml docker-compose.mysql.yml nginx scripts .env.example)

say() { printf '%s %s\n' "$(date -u +%H:%M:%S)" "$*"; }
note() { mkdir -p state; printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>state/log; }
die() { say "$*" >&2; note "$*"; exit 1; }

# ---- what stands around it

compose() { docker compose --progress quiet "$@"; }

# The value of a variable, as Compose will see it: the environment's, or that of .env, in quotes or up to a comment.
setting() {
  local value
  value=$(set +u; printf '%s' "${!1}")
  [[ -n $value ]] || value=$(sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*//p" .env 2>/dev/null | tail -n 1 |
    sed -E "s/^'([^']*)'.*/\1/; t; s/^\"([^\"]*)\".*/\1/; t; s/(^|[[:space:]]+)#.*//; s/[[:space:]]+\$//")
  printf '%s' "$value"
}

# Sets up what every command needs. The image is named even where none is used, since the file asks for it.
surroundings() {
  [[ -f .env ]] || die "There is no .env here: run ./deploy.sh init first."
  [[ -r .env ]] || die ".env holds secrets and cannot be read by $(id -un): run this as root (sudo ./deploy.sh …)."
  [[ -n $(setting DOMAIN) ]] || die "DOMAIN is empty in .env: write the name there under which clients reach this server."
  command -v docker >/dev/null || die "Docker is not installed here: docs/deploy.md says how."
  docker info >/dev/null 2>&1 || die "Docker does not answer: is it running, and may $(id -un) use it?"
  docker compose version >/dev/null 2>&1 || die "Docker has no Compose: install the plugin (docker-compose-v2 or docker-compose-plugin)."
  local files project
  files=$(setting COMPOSE_FILE) project=$(setting COMPOSE_PROJECT_NAME)
  export COMPOSE_FILE=${files:-docker-compose.prod.yml} COMPOSE_PROJECT_NAME=${project:-todomate}
  export TODOMATE_IMAGE=${TODOMATE_IMAGE:-$(read_state current)}
  TODOMATE_IMAGE=${TODOMATE_IMAGE:-none}
}

as_root() { [[ $(id -u) == 0 ]] || die "Run this as root (sudo ./deploy.sh …): it gives files to the users of the containers."; }

read_state() { cat "state/$1" 2>/dev/null || true; }
write_state() { printf '%s\n' "$2" >"state/.$1" && mv "state/.$1" "state/$1"; }

# lock SECONDS: one at a time; waits so long for another one. The lock is the kernel's: it ends with the last of our
# processes, however these end.
lock() {
  mkdir -p state
  exec 9>state/lock
  flock --timeout "$1" 9 || die "Another deploy.sh is at work here (or one of its commands has not ended yet): wait for it."
  trap at_the_end EXIT
}
# What this run has begun and not brought to its end goes. Only with the lock: without it, it is another one's.
# shellcheck disable=SC2329  # the trap calls it
at_the_end() { local code=$?; end_steps; [[ $code == 0 ]] || put_kit_back; }

# ---- init

random_words() { head -c 60 /dev/urandom | base64 | tr -d '\n=+/'; }

make_secret() {
  [[ -e secrets/$1 ]] && return
  (umask 377 && printf '%s' "$2" >"secrets/.$1")
  mv "secrets/.$1" "secrets/$1"
  say "Made secrets/$1${3:+: $3}"
}

init() {
  mkdir -p state backups buffers acme tls secrets
  rm -f secrets/.??*
  if [[ ! -e .env ]]; then
    (umask 77 && printf '%s\n' "# Settings of this server: any of those in .env.example but the secrets, which are files in secrets/." \
      "# The name under which clients reach it." "DOMAIN=" >.env)
    say "Made .env: write the server's name after DOMAIN="
  fi
  make_secret secret_key "$(random_words)"
  make_secret jwt_signing_key "$(random_words)"
  make_secret mail_url console:// "write smtp://user:password@host:587 into it; as it is, mail goes to the log"
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

# The containers read and write as users of their own; whoever else is on this machine must not.
own() {
  chmod 755 secrets tls
  chown "$OWNER:$OWNER" backups secrets/*
  mkdir -p buffers
  chown "$NGINX_OWNER:$NGINX_OWNER" buffers
  chmod 700 backups buffers
  find secrets -type f -exec chmod 400 {} +
  find secrets -type f -name 'mysql_*' -exec chown "$MYSQL_OWNER:$MYSQL_OWNER" {} +
  find tls -type f -name '*.pem' -exec chown "$NGINX_OWNER:$NGINX_OWNER" {} + -exec chmod 400 {} +
}

# ---- web containers

# Those of the service web; not what `compose run` has started.
webs() {
  docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" \
    --filter label=com.docker.compose.service=web --filter label=com.docker.compose.oneoff=False
}
web_count() { webs | grep -c . || true; }
probe() { docker exec "$1" python -m todomate.probe "${@:2}"; }
is_running() { [[ $(docker inspect --format '{{.State.Running}}' "$1" 2>/dev/null) == true ]]; }
# An image's id, by the name it was deployed under; a web's image's id.
id_of() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true; }
runs() { docker inspect --format '{{.Image}}' "$1"; }
# Whether a web is of the image with this name. (Engines differ in whether they write sha256: before an id.)
is_of() { local id; id=$(id_of "$2"); [[ -n $id && ${id#sha256:} == "$(runs "$1" | sed 's/^sha256://')" ]]; }

# The web container that nginx speaks to, where it runs. Its socket has the name of its container.
in_charge() {
  local web link=''
  for web in $(webs); do
    ! is_running "$web" || ! link=$(docker exec "$web" readlink /run/todomate/web.sock 2>/dev/null) || break
  done
  for web in $(webs); do
    [[ -z $link || $web != "${link%.sock}"* ]] || ! is_running "$web" || printf '%s\n' "$web"
  done
}

# What to say of the release before, when the new one fails.
as_before() { if [[ -n $(in_charge) ]]; then say "The release before is in service, no request was lost."; else say "Nothing is in service."; fi; }

# Stops containers without a failed request: what came in before the switch is answered first.
retire() {
  local web
  for web in "$@"; do
    docker stop -t 30 "$web" >/dev/null 2>&1 || true
    docker rm --force "$web" >/dev/null 2>&1 || true
  done
}

# What a run that was killed has left: steps that go on without it, webs of which nginx knows nothing.
settle() {
  local web charge begun
  docker ps --all --quiet --filter "label=todomate.step=$COMPOSE_PROJECT_NAME" | xargs --no-run-if-empty docker rm --force >/dev/null
  charge=$(in_charge)
  if [[ -z $charge ]]; then
    # Nobody, or one that has ended: another one that works takes its place. Where none does, all stay: they may only
    # wait for their database, and the new one will find them.
    for web in $(webs); do
      if is_running "$web" && probe "$web" --take-charge >/dev/null 2>&1; then charge=$web; break; fi
    done
    [[ -n $charge ]] || return 0
  fi
  for web in $(webs); do
    [[ $web == "$charge" ]] || { say "Clearing away a web that is not in service: ${web:0:12}"; retire "$web"; }
  done
  # What runs is the truth: a run may have been killed between the switch and its record.
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

# ---- the files of a release that stand in this folder

# Takes them out of the image. Those before are kept until the switch: until then whatever fails puts them back.
unpack() {
  local name changed=''
  [[ ! -e .git ]] || return 0 # a checkout has its own
  rm -rf state/kit
  mkdir state/kit
  once true # not first in a pipe, which is a process of its own
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
  # In the words of the release itself, which knows its own compose file.
  end_steps
  KIT_IN_PLACE=yes exec ./deploy.sh "$1"
}

# Each file by a rename: nobody reads the half of one, on a full disk neither. A folder stays: nginx has it itself.
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

# shellcheck disable=SC2329  # at_the_end calls it
put_kit_back() {
  [[ -e state/kit-before/whole && -e .env ]] || return 0
  put_in_place state/kit-before
  rm -rf state/kit-before
}

# ---- the steps

fetch() {
  [[ $1 =~ ^([a-z0-9./:_-]+@)?sha256:[0-9a-f]{64}$ ]] ||
    die "An image is named by its digest, NAME@sha256:…, so that what runs is what was tested; this is not one: $1"
  docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null || die "The image could not be fetched: $1"
}

# A command in a container of the new image with the settings and secrets of the server; the same one for all steps.
steps=''
once() {
  if [[ -z $steps ]]; then
    steps=$(compose run --detach --no-deps --no-TTY --label "todomate.step=$COMPOSE_PROJECT_NAME" jobs sleep infinity) ||
      die "Nothing was changed: the image does not start (see above)."
  fi
  docker exec "$steps" "$@"
}
end_steps() { [[ -z $steps ]] || docker rm --force "$steps" >/dev/null 2>&1 || true; steps=''; }

doctor() {
  local known
  say "Doctor"
  [[ -s tls/fullchain.pem && -s tls/privkey.pem ]] ||
    die "tls/fullchain.pem and tls/privkey.pem are missing, nginx cannot start without a certificate: docs/deploy.md says how to get one."
  ! nginx_runs || nginx_would_accept || die "nginx does not accept the configuration of this release (above). It was not used."
  known=$(migrations_in_service) || [[ $change == back ]] || die "The web in service does not say which migrations it knows (above). Nothing was changed."
  once python manage.py doctor --before-deploy --in-service "$known" && return
  [[ $change == forward ]] || { say "Going back all the same: one that is not ready will not be put into service."; return 0; }
  die "The doctor has found what is in the way (see above). What serves was left as it is."
}

# Those of our apps that the release in service knows, as app.name, from its files: a Python more might not fit its memory.
migrations_in_service() {
  local charge
  charge=$(in_charge)
  [[ -z $charge ]] || docker exec "$charge" find . -path '*/migrations/[0-9]*.py' |
    sed -E 's|.*/([^/]+)/migrations/([^/]+)\.py$|\1.\2|'
}

backup_point() {
  if once python manage.py migrate --check >/dev/null 2>&1; then
    say "Backup point: no migration is waiting, nothing is changed that would need one"
    return
  fi
  if [[ ${BACKUP_BEFORE_MIGRATE:-true} == true ]]; then
    say "Backup point"
    once python manage.py backup || die "There is no backup to go back to, so nothing was changed (BACKUP_BEFORE_MIGRATE=false goes without)."
  else
    say "Backup point: left out, as BACKUP_BEFORE_MIGRATE says"
  fi
  note "backup point before the migrations of $TODOMATE_IMAGE"
}

migrate() {
  say "Migrate"
  once sh -c 'python manage.py mend && python manage.py migrate --noinput' ||
    die "The migrations did not end. What serves goes on; mend what stands above and run this again."
}

# Sets `new`.
start_beside() {
  local before
  before=$(webs | sort)
  say "Starting the new web beside the old"
  compose up --detach --no-deps --no-recreate --scale "web=$(($(web_count) + 1))" web || true
  new=$(comm -13 <(printf '%s\n' "$before") <(webs | sort) | tail -n 1)
  [[ -n $new ]] || { as_before; die "The new web did not start."; }
}

wait_until_ready() {
  local end=$((SECONDS + WAIT)) why=''
  say "Waiting until it is ready"
  while ((SECONDS < end)); do
    is_running "$new" || { why="it has ended"; break; }
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
    die "Rolled back: the new web could not take charge."
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
    sleep 1 # for what has reached it and is not accepted yet
    retire "${old[@]}"
  }
}

# ---- what stands beside web

# What a service said last, and how it is.
last_words() {
  local container
  for container in $(compose ps --quiet --all "$1"); do
    docker inspect --format "$1: {{.State.Status}}, exit code {{.State.ExitCode}}, started {{.State.StartedAt}}" "$container" >&2 || true
    docker logs --tail 20 "$container" >&2 || true
  done
}

# Starts a service, anew only where its part of the compose file has changed since, or where it is told to.
up() {
  local container how=()
  for container in $(compose ps --quiet --all "$1"); do
    [[ $(docker inspect --format '{{index .Config.Labels "com.docker.compose.config-hash"}}' "$container") != \
      "$(compose config --hash "$1" | cut -d ' ' -f 2)" ]] || how=(--no-recreate)
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

mysql_answers() { compose exec --no-TTY mysql mysqladmin ping --host=127.0.0.1 --silent >/dev/null 2>&1; }

# One that serves is left alone, even where its configuration has changed: `deploy.sh compose up --detach mysql` is for a
# quiet hour. Making its data takes a while the first time.
start_mysql() {
  local end=$((SECONDS + WAIT))
  ! mysql_answers || return 0
  up mysql
  until mysql_answers; do
    ((SECONDS < end)) || { last_words mysql; die "MySQL does not start: why stands above. What serves was left as it is."; }
    sleep 1
  done
}

# What jobs reads when it starts has changed where the sum of the secrets has.
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
# With the image and the mounts that this release gives it, which may be others than those of the one that runs. Not before
# the first web: a volume belongs to the user of the container that is made first with it.
nginx_would_accept() {
  local container code=0
  container=$(compose run --detach --no-deps --no-TTY --label "todomate.step=$COMPOSE_PROJECT_NAME" --entrypoint "sleep 60" nginx) || return
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
    ((SECONDS < end)) || { last_words nginx; die "nginx does not serve ($why): what it said last stands above."; }
    sleep 0.5
  done
}

# A request as a client makes it, but for the certificate's name.
through_nginx() { probe "$(in_charge)" --at https://nginx:8443; }

reload() {
  own
  nginx_runs || die "nginx does not run: ./deploy.sh compose logs nginx says why."
  nginx_accepts || die "nginx does not accept its configuration (above): it serves with the one before."
  compose exec --no-TTY nginx nginx -s reload -c /etc/todomate/nginx.conf
}

# Images of this name that nobody would go back to; the disk is small.
tidy() {
  local image keep name=${TODOMATE_IMAGE%@*}
  [[ $name != sha256:* ]] || return 0
  keep=$(id_of "$(read_state current)"; id_of "$(read_state previous)")
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
  init # what this release has more than the one before
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
    say "This release is in service already (RESTART=true puts new settings into force)"
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
  # Run again, by the release's own script or after it broke off, it goes back to the same one.
  before=${KIT_IN_PLACE:+$(read_state begun)}
  before=${before:-$(read_state going-back)}
  before=${before:-$(read_state previous)}
  [[ -n $before ]] || die "There is no release before this one to go back to."
  write_state going-back "$before"
  say "Going back to $before"
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
    say "In service: web ${charge:0:12}, NOT ready (the line above says why)"
  fi
  compose ps --all
  [[ -z $charge ]] || compose exec --no-TTY jobs python manage.py jobs --status || true
  tail -n 5 state/log 2>/dev/null || true
  [[ -n $charge ]]
}

main() {
  # The script of the release itself has the lock from the one that has started it.
  [[ -z ${KIT_IN_PLACE:-} ]] || trap at_the_end EXIT
  case ${1:-} in
    init) as_root; init ;;
    status) surroundings; status ;;
    reload) as_root; surroundings; lock 900; reload ;;
    rollback) as_root; surroundings; [[ -n ${KIT_IN_PLACE:-} ]] || lock 0; rollback ;;
    compose) surroundings; shift; docker compose "$@" ;;
    '' | -* | help) sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
    *) as_root; surroundings; [[ -n ${KIT_IN_PLACE:-} ]] || lock 0; put_into_service "$1" forward "$1" ;;
  esac
}

# Read to its end before anything runs: a deploy replaces this very file.
main "$@"
exit
