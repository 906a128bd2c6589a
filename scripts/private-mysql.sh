# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # venv_python comes from lib.sh, private_mysql_url is for those who source this
# A MySQL or MariaDB server of our own for the tests: in a temporary folder, on loopback, on a port of its own. It never
# touches a server that is installed or running. Sourced after lib.sh.

private_mysql_home='' private_mysql_pid='' private_mysql_url=''

# Nothing in a test has to outlive a power cut, so nothing waits for the disk. Who measures takes other options.
private_mysql_options=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --innodb-flush-method=nosync
  --innodb-buffer-pool-size=256M --loose-innodb-redo-log-capacity=64M)

# Servers often stand outside an ordinary user's PATH.
server_path=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/local/libexec
find_program() { PATH=$server_path command -v "$1"; }

# Prints the server program, if there is one.
mysql_server_program() { find_program mysqld || find_program mariadbd; }

# Below 32768, where the kernel takes no port for outgoing connections by itself.
free_port() {
  "$venv_python" - <<'EOF'
import random, socket

while True:
    port = random.randrange(20_000, 32_768)
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
EOF
}

# Sets private_mysql_url, or returns 1 after showing the end of the server's log.
start_private_mysql() {
  local program run_as=() account common port attempt
  program=$(mysql_server_program) || return 1
  private_mysql_home=$(mktemp -d)
  if [[ $(id -u) == 0 ]]; then
    # As root the server refuses to run; the folder is its own then.
    account=nobody
    id mysql >/dev/null 2>&1 && account=mysql
    chown "$account" "$private_mysql_home"
    run_as=(--user="$account")
  fi
  # macOS' bash 3.2 takes an empty array for an unset variable, hence the form "${run_as[@]+…}".
  common=(--no-defaults --datadir="$private_mysql_home/data" ${run_as[@]+"${run_as[@]}"})

  # `mysqld` is a link to MariaDB on many systems, and the two are set up differently.
  if "$program" --no-defaults --version | grep -qi mariadb; then
    local install
    install=$(find_program mariadb-install-db || find_program mysql_install_db) || return 1
    "$install" "${common[@]}" --auth-root-authentication-method=normal --skip-test-db >"$private_mysql_home/setup.log" 2>&1 ||
      { tail -n 20 "$private_mysql_home/setup.log" >&2; return 1; }
  else
    "$program" "${common[@]}" --initialize-insecure >"$private_mysql_home/setup.log" 2>&1 ||
      { tail -n 20 "$private_mysql_home/setup.log" >&2; return 1; }
  fi
  # By address, so that no name has to be looked up. Files it may write only where it lives.
  cat >"$private_mysql_home/start.sql" <<'EOF'
CREATE USER 'todomate'@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'todomate'@'127.0.0.1' WITH GRANT OPTION;
EOF
  chmod 644 "$private_mysql_home/start.sql"

  # Another program may take the port between the asking and the starting.
  for attempt in 1 2 3; do
    port=$(free_port)
    "$program" "${common[@]}" --port="$port" --bind-address=127.0.0.1 --skip-name-resolve \
      --socket="$private_mysql_home/socket" --pid-file="$private_mysql_home/pid" --tmpdir="$private_mysql_home" \
      --secure-file-priv="$private_mysql_home" --init-file="$private_mysql_home/start.sql" \
      --character-set-server=utf8mb4 --max-connections=200 --skip-log-bin --performance-schema=OFF \
      --loose-mysqlx=OFF "${private_mysql_options[@]}" \
      >"$private_mysql_home/server.log" 2>&1 </dev/null &
    private_mysql_pid=$!
    while kill -0 "$private_mysql_pid" 2>/dev/null; do
      if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        private_mysql_url=mysql://todomate@127.0.0.1:$port/todomate
        return
      fi
      sleep 0.2
    done
    private_mysql_pid=''
    [[ $attempt == 3 ]] || continue
  done
  tail -n 20 "$private_mysql_home/server.log" >&2
  return 1
}

# By its own process id and at once: its data are thrown away.
stop_private_mysql() {
  if [[ -n $private_mysql_pid ]]; then
    kill -KILL "$private_mysql_pid" 2>/dev/null || true
    wait "$private_mysql_pid" 2>/dev/null || true
    private_mysql_pid=''
  fi
  [[ -z $private_mysql_home ]] || rm -rf "$private_mysql_home"
  private_mysql_home=''
}
