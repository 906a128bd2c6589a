# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # venv_python is from lib.sh, others use private_postgres_url
# A private PostgreSQL server for the tests: in a temporary folder, on loopback, on a port of its
# own. It never touches an installed or running server. Source it after private-mysql.sh.

private_postgres_home='' private_postgres_pid='' private_postgres_url=''

# Tests need no durability, so nothing waits for the disk. Autovacuum would note that tables are empty
# whose rows are in the transaction of a test, and so make plans for empty ones.
private_postgres_options=(-c fsync=off -c full_page_writes=off -c synchronous_commit=off
  -c autovacuum=off -c shared_buffers=256MB -c max_connections=200)

# Print the path of initdb, which is beside the server program; Debian has it in a folder for each
# version. The newest version comes first.
postgres_initdb() {
  local folder
  while read -r folder; do
    if [[ -x $folder/initdb && -x $folder/postgres ]]; then
      say "$folder/initdb"
      return
    fi
  done < <(
    printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort --version-sort --reverse
    dirname "$(find_program initdb)" 2>/dev/null
  )
  return 1
}

# Set private_postgres_url, or print the end of the server's log and return 1.
start_private_postgres() {
  local initdb run_as=() account port attempt
  initdb=$(postgres_initdb) || return 1
  private_postgres_home=$(mktemp -d)
  if [[ $(id -u) == 0 ]]; then
    # The server refuses to run as root, so give the folder to another account.
    account=nobody
    id postgres >/dev/null 2>&1 && account=postgres
    chown "$account" "$private_postgres_home"
    run_as=(setpriv --reuid "$account" --regid "$(id -g "$account")" --clear-groups)
  fi
  # The order of a language, in which texts must be compared byte by byte all the same.
  ${run_as[@]+"${run_as[@]}"} "$initdb" --pgdata="$private_postgres_home/data" \
    --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu \
    --icu-locale=en-US --no-sync >"$private_postgres_home/setup.log" 2>&1 ||
    { tail -n 20 "$private_postgres_home/setup.log" >&2; return 1; }

  # Another program may take the port before the server listens on it.
  for attempt in 1 2 3; do
    port=$(free_port)
    ${run_as[@]+"${run_as[@]}"} "${initdb%/initdb}/postgres" -D "$private_postgres_home/data" \
      -p "$port" -c listen_addresses=127.0.0.1 -k "$private_postgres_home" \
      "${private_postgres_options[@]}" >"$private_postgres_home/server.log" 2>&1 </dev/null &
    private_postgres_pid=$!
    private_postgres_url=postgres://postgres@127.0.0.1:$port/todomate
    while kill -0 "$private_postgres_pid" 2>/dev/null; do
      # The port is open before the server is ready.
      "$venv_python" scripts/database_version.py "$private_postgres_url" >/dev/null 2>&1 && return
      sleep 0.2
    done
    private_postgres_pid=''
    [[ $attempt == 3 ]] || continue
  done
  tail -n 20 "$private_postgres_home/server.log" >&2
  return 1
}

# At once, without a checkpoint: the data are deleted. Its processes end with the first one.
stop_private_postgres() {
  if [[ -n $private_postgres_pid ]]; then
    kill -QUIT "$private_postgres_pid" 2>/dev/null || true
    wait "$private_postgres_pid" 2>/dev/null || true
    private_postgres_pid=''
  fi
  [[ -z $private_postgres_home ]] || rm -rf "$private_postgres_home"
  private_postgres_home=''
}
