# shellcheck shell=bash
# What the scripts share: the way to the checkout, one-sentence endings, a Python, the environment. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit
# By this name the environment is reached everywhere: its own scripts hold the path they were made under, which breaks
# when the folder is moved.
venv_python=.venv/bin/python

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

python_version() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }
python_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; }
# Debian and Ubuntu ship `venv` without ensurepip, which it cannot do without; a home-built Python may lack the others.
python_complete() { "$1" -c 'import ensurepip, sqlite3, ssl, venv' >/dev/null 2>&1; }

# Sets `python` to one that can make the environment. Each candidate is run, for a name on the PATH proves nothing:
# pyenv has one for every version it knows of, and most of them answer with an error. The versions the project is tested
# with come first.
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
    die "$incomplete lacks the module venv, ssl or sqlite3: on Debian and Ubuntu \`sudo apt install python$short-venv\` brings it, then try again."
  fi
  die "TodoMate needs Python 3.12 or newer and finds ${seen:-none} here: install one (\`sudo apt install python3.13 python3.13-venv\`, \`brew install python@3.13\`, \`pyenv install 3.13\`) and try again."
}

venv_works() {
  python_new_enough "$venv_python" && "$venv_python" -c 'import pip' >/dev/null 2>&1
}

# The environment, made anew when it is broken or its Python has gone.
ensure_venv() {
  venv_works && return
  [[ -n ${python:-} ]] || find_python
  say "Making .venv with Python $(python_version "$python")"
  rm -rf .venv
  "$python" -m venv .venv >/dev/null || die "$python could not make the environment .venv: see the lines above."
}

# Installs a requirements file, unless what was installed last is the same, byte for byte.
install_requirements() {
  local stamp=.venv/installed-$1
  cmp -s "$1" "$stamp" && return
  say "Installing $1"
  # Compiled is what is imported, when it is; that is a small part of it.
  "$venv_python" -m pip install -qq --disable-pip-version-check --no-compile --require-hashes -r "$1" || return 1
  cp "$1" "$stamp"
}

# The MySQL driver comes as source alone and wants a compiler and the client's header files.
# shellcheck disable=SC2034  # for those who source this
mysql_driver_mend='sudo apt install gcc libc6-dev pkg-config default-libmysqlclient-dev'
install_mysql_driver() {
  local log=.venv/mysql-driver.log
  install_requirements requirements-mysql.txt >"$log" 2>&1
}
