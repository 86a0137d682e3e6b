"""A PostgreSQL 15 cluster of our own: in a directory, on a Unix socket, gone when we leave.

Invariants: the server is stopped and its files are removed on every way out, also by an exception
or (inside of signals_raised) a signal; no port is opened; Debian's own cluster is not touched.
PostgreSQL refuses to run as root, so for root the server runs as Debian's user `postgres`, who must
be able to reach `directory`.
"""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql", "pgbench")
SERVER_USER = "postgres"  # Of the operating system, for root, and of the database.
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 120  # Stopping writes a checkpoint: all of shared_buffers at worst.
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SOCKET_PATH_BYTES_MAX = 107  # <sys/un.h>
SOCKET_NAME = ".s.PGSQL.5432"


class PostgresError(RuntimeError):
    """PostgreSQL refused, failed, or gave a wrong answer."""


class PostgresMissing(PostgresError):
    """PostgreSQL 15 is not installed."""


def require_installed():
    missing = [name for name in PROGRAMS if not (BIN / name).exists()]
    if missing:
        raise PostgresMissing(f"PostgreSQL 15 is not installed ({BIN} has no {missing[0]}): "
                              "apt-get install postgresql-15")


@contextlib.contextmanager
def signals_held():
    """Signals that end us wait until the block is done: what it starts, it also records."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def signals_raised():
    """Signals that end us become an exception, so that `with` blocks are left in order."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may install handlers; it is then the caller's to do.
        return

    def leave(number, _frame):
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in STOPPING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Cluster:
    """A running server, as a context manager.

    settings: what differs from initdb's postgresql.conf, {name: value}.
    """

    def __init__(self, directory, settings):
        require_installed()
        self._parent = pathlib.Path(directory).resolve()
        self._settings = settings | {"listen_addresses": ""}
        self._as_server = []
        self._owner = None
        if os.geteuid() == 0:
            self._as_server = ["runuser", "-u", SERVER_USER, "--"]
            self._owner = pwd.getpwnam(SERVER_USER)
        self.directory = None  # Of files beside the data: logs of a run.
        self._socket = None

    def __enter__(self):
        try:
            with signals_held():
                self._start()
            # A signal that was held is raised here, still inside of the try.
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_):
        self._close()

    def _close(self):
        with signals_held():
            try:
                self._stop()
            finally:
                for path in (self.directory, self._socket):
                    if path is not None:
                        shutil.rmtree(path, ignore_errors=True)

    def sql(self, text):
        """Runs `text` by psql, stopping at the first error; returns what it printed, unadorned."""
        return self._run([BIN / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"], stdin=text)

    def pgbench(self, *arguments):
        """Runs pgbench to its end in `directory`; returns what it printed."""
        return self._run([BIN / "pgbench", "--no-vacuum", *arguments], cwd=self.directory)

    def _run(self, command, stdin="", cwd="/"):
        # PGPORT and the like, as the person who runs us may have set them, mean another server.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env |= {"PGHOST": str(self._socket), "PGUSER": SERVER_USER, "PGDATABASE": "postgres",
                "LC_ALL": "C"}
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                              input=stdin, cwd=cwd, env=env)
        if done.returncode != 0:
            raise PostgresError(f"{command[0]} exited with {done.returncode}:\n"
                                f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def _serve(self, *command):
        """Runs a program of the server as its user."""
        return self._run([*self._as_server, *command])

    def _start(self):
        self._parent.mkdir(parents=True, exist_ok=True)
        self.directory = self._made(self._parent)
        # The directory may lie too deep for the name of a socket.
        self._socket = self._made(tempfile.gettempdir())
        if len(os.fsencode(self._socket / SOCKET_NAME)) > SOCKET_PATH_BYTES_MAX:
            raise PostgresError(f"{self._socket} is too long for a Unix socket: set TMPDIR")
        for path in (self.directory, self._socket):
            try:
                self._serve("/usr/bin/test", "-w", path)
            except PostgresError:
                raise PostgresError(f"the user {SERVER_USER} cannot reach {path.parent}: "
                                    "take a directory that is open to others") from None
        self._serve(BIN / "initdb", "-D", self._data, "-U", SERVER_USER, "-A", "trust",
                    "-E", "UTF8", "--no-locale")
        settings = self._settings | {"unix_socket_directories": self._socket,
                                     "unix_socket_permissions": "0700"}
        with open(self._data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        log = self.directory / "server.log"
        try:
            self._serve(BIN / "pg_ctl", "start", "-w", "-s", "-t", START_SECONDS_MAX, "-D",
                        self._data, "-l", log)
        except PostgresError as error:
            said = log.read_text(encoding="utf-8") if log.exists() else ""
            raise PostgresError(f"{error}\n{said[-2000:]}") from None

    @property
    def _data(self):
        return self.directory / "data"

    def _made(self, parent):
        path = pathlib.Path(tempfile.mkdtemp(prefix="ladon-postgres-", dir=parent))
        if self._owner is not None:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
        return path

    def _stop(self):
        """Fast first, which ends every session; if that hangs, at once."""
        for mode in ("fast", "immediate"):
            if self.directory is None or not (self._data / "postmaster.pid").exists():
                return
            with contextlib.suppress(PostgresError):
                self._serve(BIN / "pg_ctl", "stop", "-w", "-s", "-m", mode, "-t",
                            STOP_SECONDS_MAX, "-D", self._data)
