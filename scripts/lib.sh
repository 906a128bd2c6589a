# shellcheck shell=bash
# Functions that the scripts share: the root of the checkout, messages, Python and .venv. Source it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit
# Always run Python by this path: the scripts in .venv/bin contain the absolute path of .venv, which
# is wrong after the folder was moved.
venv_python=.venv/bin/python

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

python_version() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }
python_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }
# Debian and Ubuntu package `venv` without ensurepip, which it needs; a Python that was built by
# hand may lack the others.
python_complete() { "$1" -c 'import ensurepip, sqlite3, ssl, venv' >/dev/null 2>&1; }

# Set `python` to one that can create .venv. Each candidate is run, as a name on the PATH is not
# enough: pyenv has one for every version it knows, and most of them fail. The versions that the
# project is tested with come first.
find_python() {
  local candidate seen='' incomplete=''
  for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.14 python3 python \
    "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/*/bin/python3; do
    command -v "$candidate" >/dev/null || continue
    if ! python_new_enough "$candidate"; then
      seen=${seen:-$(python_version "$candidate" || true)}
    elif ! python_complete "$candidate"; then
      incomplete=${incomplete:-$candidate}
    else
      python=$candidate
      return
    fi
  done
  if [[ -n $incomplete ]]; then
    local short
    short=$(python_version "$incomplete")
    short=${short%.*}
    die "$incomplete lacks the module venv, ssl or sqlite3: install it (on Debian and Ubuntu" \
      "\`sudo apt install python$short-venv\`), then try again."
  fi
  die "TodoMate needs Python 3.12 or newer and finds ${seen:-none} here: install one (\`sudo apt" \
    "install python3.13 python3.13-venv\`, \`brew install python@3.13\`, \`pyenv install 3.13\`)" \
    "and try again."
}

venv_works() {
  python_new_enough "$venv_python" && "$venv_python" -c 'import pip' >/dev/null 2>&1
}

# Create .venv, again if it is broken or its Python is gone.
ensure_venv() {
  venv_works && return
  [[ -n ${python:-} ]] || find_python
  say "Creating .venv with Python $(python_version "$python")"
  rm -rf .venv
  "$python" -m venv .venv >/dev/null || die "$python could not create .venv: see the lines above."
}

# install_requirements FILE: install it, unless it has not changed since the last time.
install_requirements() {
  local stamp=.venv/installed-$1
  cmp -s "$1" "$stamp" && return
  say "Installing $1"
  # Without compiling: only a small part is ever imported.
  "$venv_python" -m pip install -qq --disable-pip-version-check --no-compile --require-hashes \
    -r "$1" || return 1
  cp "$1" "$stamp"
}

# The MySQL driver has no binary package, so it needs a compiler and the header files of the client.
# shellcheck disable=SC2034  # used by scripts that source this file
mysql_driver_hint='sudo apt install gcc libc6-dev pkg-config default-libmysqlclient-dev'
install_mysql_driver() {
  local log=.venv/mysql-driver.log
  install_requirements requirements-mysql.txt >"$log" 2>&1
}
