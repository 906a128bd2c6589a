# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # venv_python is from lib.sh, others use private_mysql_url
# A private MySQL or MariaDB server for the tests: in a temporary folder, on loopback, on a port of
# its own. It never touches an installed or running server. Source it after lib.sh.

private_mysql_home='' private_mysql_pid='' private_mysql_url=''

# Tests need no durability, so nothing waits for the disk. scripts/bench sets other options.
private_mysql_options=(--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0
  --innodb-flush-method=nosync --innodb-buffer-pool-size=256M --loose-innodb-redo-log-capacity=64M)

# Servers are often in folders that are not on the PATH of a normal user.
server_path=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/local/libexec
find_program() { PATH=$server_path command -v "$1"; }

# Print the path of the server program, if there is one.
mysql_server_program() { find_program mysqld || find_program mariadbd; }

# Print a free port below 32768: the kernel uses those above for outgoing connections.
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

# Set private_mysql_url, or print the end of the server's log and return 1.
start_private_mysql() {
  local program run_as=() account common port attempt
  program=$(mysql_server_program) || return 1
  private_mysql_home=$(mktemp -d)
  if [[ $(id -u) == 0 ]]; then
    # The server refuses to run as root, so give the folder to another account.
    account=nobody
    id mysql >/dev/null 2>&1 && account=mysql
    chown "$account" "$private_mysql_home"
    run_as=(--user="$account")
  fi
  # "${run_as[@]+…}" because bash 3.2 on macOS treats an empty array as an unset variable.
  common=(--no-defaults --datadir="$private_mysql_home/data" ${run_as[@]+"${run_as[@]}"})

  # `mysqld` is a link to MariaDB on many systems. Their installation differs.
  if "$program" --no-defaults --version | grep -qi mariadb; then
    local install
    install=$(find_program mariadb-install-db || find_program mysql_install_db) || return 1
    "$install" "${common[@]}" --auth-root-authentication-method=normal --skip-test-db \
      >"$private_mysql_home/setup.log" 2>&1 ||
      { tail -n 20 "$private_mysql_home/setup.log" >&2; return 1; }
  else
    "$program" "${common[@]}" --initialize-insecure >"$private_mysql_home/setup.log" 2>&1 ||
      { tail -n 20 "$private_mysql_home/setup.log" >&2; return 1; }
  fi
  # An account for the address, as --skip-name-resolve disables names.
  cat >"$private_mysql_home/start.sql" <<'EOF'
CREATE USER 'todomate'@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'todomate'@'127.0.0.1' WITH GRANT OPTION;
EOF
  chmod 644 "$private_mysql_home/start.sql"

  # Another program may take the port before the server listens on it.
  for attempt in 1 2 3; do
    port=$(free_port)
    "$program" "${common[@]}" --port="$port" --bind-address=127.0.0.1 --skip-name-resolve \
      --socket="$private_mysql_home/socket" --pid-file="$private_mysql_home/pid" \
      --tmpdir="$private_mysql_home" --secure-file-priv="$private_mysql_home" \
      --init-file="$private_mysql_home/start.sql" \
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

# SIGKILL, without a clean shutdown: the data are deleted.
stop_private_mysql() {
  if [[ -n $private_mysql_pid ]]; then
    kill -KILL "$private_mysql_pid" 2>/dev/null || true
    wait "$private_mysql_pid" 2>/dev/null || true
    private_mysql_pid=''
  fi
  [[ -z $private_mysql_home ]] || rm -rf "$private_mysql_home"
  private_mysql_home=''
}
