"""The server that is one container: `docker run -v todomate:/data -p 8000:8000 IMAGE`.

Everything it keeps is in one folder (DATA_FOLDER, in the image /data): its keys, which it makes
itself, the database, and the backups. This module reads the environment and imports no Django
settings, since they and the container's health check use it.
"""

import fcntl
import ipaddress
import os
import secrets
from contextlib import suppress
from pathlib import Path

from core.environment import InvalidSetting, flag, text

DATABASE = "todomate.sqlite3"
BACKUPS = "backups"
KEYS = "secrets"
# The image's folder for backups (BACKUP_URL), which is used if a volume is mounted there.
BACKUP_MOUNT = Path("/backups")
PHOTOS = "photos"
PHOTO_MOUNT = Path("/photos")  # likewise (PHOTO_URL)
ESCAPES = {ord(letter): f"\\{ord(letter):03o}" for letter in " \t\n\\"}  # of the list of mounts
# The last parts of names that no public DNS has, so that no page elsewhere can point them here.
LOCAL_DOMAINS = ("localhost", "local", "lan", "home", "internal", "home.arpa", "test")


def data_folder() -> Path | None:
    """Return the folder of a server that is one container, or None for any other server.

    A server is one container if ONE_CONTAINER says so, and by default if no database is named.
    """
    folder = text("DATA_FOLDER")
    if not folder:
        return None
    has_database = bool(os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"))
    return Path(folder) if flag("ONE_CONTAINER", default=not has_database) else None


def own_key(folder: Path, name: str) -> str:
    """Return the signing key in the file `name`, and make it if it is missing.

    The file is complete when it gets its name, and is never overwritten: of several processes that
    start at once, one makes the key and all use it. The folder is locked meanwhile, since not every
    file system has hard links.
    """
    path = folder / KEYS / name
    try:
        with suppress(FileNotFoundError):
            return path.read_text("ascii").strip()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not path.exists():
                _make_key(path)
                os.fsync(handle)
        finally:
            os.close(handle)
        return path.read_text("ascii").strip()
    except OSError as error:
        raise InvalidSetting("DATA_FOLDER", describe(folder, error)) from error


def _make_key(path: Path) -> None:
    """Write a new key. What a killed start has left of its own is overwritten."""
    new = path.with_name(f".{path.name}.new")
    with open(new, "w", encoding="ascii", opener=_open_private) as file:
        file.write(secrets.token_urlsafe(50) + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def has_key(folder: Path, name: str) -> bool:
    """Return whether `own_key` has made this key before."""
    return (folder / KEYS / name).exists()


def describe(folder: Path, error: OSError) -> str:
    """Return the rest of a sentence about a folder that cannot be used."""
    return (
        f"is {folder}, which uid {os.getuid()} cannot use ({error.strerror}); mount a volume there"
        f" (docker run -v todomate:{folder} …), or for a folder of the machine run"
        f" `chown {os.getuid()}:{os.getgid()}` on it"
    )


def is_mounted(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Return whether something is mounted at this folder, a volume on the same disk included.

    `mounts` is the system's list, in which a path has escapes, of a space too.
    """
    place = str(folder).translate(ESCAPES)
    with suppress(OSError), mounts.open(encoding="utf-8", errors="surrogateescape") as lines:
        return any(line.split(" ")[4] == place for line in lines)
    return folder.is_mount()


def sync_folder(folder: Path) -> None:
    """Write a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def backup_url(folder: Path, given: str) -> str:
    """Return where the backups go, given BACKUP_URL, which the image sets to BACKUP_MOUNT."""
    return _url(folder / BACKUPS, BACKUP_MOUNT, given)


def photo_url(folder: Path, given: str) -> str:
    """Return where the photos are, given PHOTO_URL, which the image sets to PHOTO_MOUNT."""
    return _url(folder / PHOTOS, PHOTO_MOUNT, given)


def _url(inside: Path, mount: Path, given: str) -> str:
    is_free = given in ("", mount.as_uri()) and not is_mounted(mount)
    return inside.as_uri() if is_free else given


def is_local_host(host: str) -> bool:
    """Return whether `host`, without a port, is an address or a name in the local network only.

    Without DOMAIN such a server cannot know its names, and must not take any: a page of an attacker
    whose name is made to point at this machine (DNS rebinding) would be of the same origin. A
    browser sends the attacker's name then, which is neither an address nor a name of these.
    """
    name = host.lower().rstrip(".")
    with suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return "." not in name or name.endswith(tuple(f".{domain}" for domain in LOCAL_DOMAINS))
