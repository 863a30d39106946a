"""The servers that are measured against: a private PostgreSQL, one that is there, canned answers.

All are context managers with one face:
  environment(peer, transport)   PGHOST and so on for a measured program
  lacks(transport, placement)    "" or why it cannot serve such a case
  pin(cores)                     lets its processes run on these processors only
  alive()
"""
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness.cases import FLOOR
from harness.failures import CannotRun
from harness.postgres_programs import directory_of_programs, psql

START_LIMIT_S = 60
STOP_LIMIT_S = 20
# No care for the disk, no work in the background; the client is measured.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "ssl": "on",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "autovacuum": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
}
# bench logs in by its password over TCP; trusty is for the floor, which knows none.
ACCESS = """local all all trust
host all trusty 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


def bare_environment():
    """Ours, without what would lead a client elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PG") and name not in ("DATABASE_URL", "LD_PRELOAD")
    }
    return {**kept, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PGGSSENCMODE": "disable"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def short_folder(prefix):
    """A new folder whose Unix socket's path fits into the 107 bytes the kernel allows."""
    folder = tempfile.mkdtemp(prefix=prefix)
    if len(folder) > 70:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix=prefix, dir="/tmp")
    os.chmod(folder, 0o755)
    return folder


def end(process, polite):
    """Sends the signal and waits; kills what does not go."""
    if process.poll() is None:
        process.send_signal(polite)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class PrivatePostgres:
    """A PostgreSQL of our own in a temporary folder: Unix socket by trust, TCP by SCRAM, TLS."""

    name = "postgres"

    def __init__(self, setup):
        self.setup = setup  # the file of SQL that makes the tables
        self.process = self.folder = None

    def __enter__(self):
        try:
            self.folder = short_folder("pgreactor_bench_")
            self.data = os.path.join(self.folder, "data")
            self.port = free_port()
            self._initialise()
            self._start()
            self._fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            end(self.process, signal.SIGINT)  # "fast": ends its sessions
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _account(self):
        """How to become the server's user: PostgreSQL does not run as root."""
        if os.geteuid() != 0:
            return {}
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        raise CannotRun("PostgreSQL does not run as root, and there is no user postgres or nobody")

    def _do(self, *words):
        """A command as the server's user; raises CannotRun with what it said."""
        run = subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, check=False,
            env=bare_environment(), **self.account,
        )
        if run.returncode:
            raise CannotRun(f"{os.path.basename(words[0])}: {run.stderr.strip()[-500:]}")

    def _initialise(self):
        self.account = self._account()
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        self.programs = directory_of_programs()
        initdb = os.path.join(self.programs, "initdb")
        self._do(initdb, "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C", "--no-sync")
        certificate, key = (os.path.join(self.data, name) for name in ("server.crt", "server.key"))
        self._do("openssl", "req", "-new", "-x509", "-days", "30", "-nodes", "-subj",
                 "/CN=localhost", "-newkey", "rsa:2048", "-out", certificate, "-keyout", key)
        os.chmod(key, 0o600)
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            file.write(ACCESS)
        settings = {**SETTINGS, "port": self.port, "unix_socket_directories": self.folder}
        with open(os.path.join(self.data, "postgresql.auto.conf"), "a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _start(self):
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.programs, "postgres"), "-D", self.data],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=bare_environment(), start_new_session=True, **self.account,
            )
        # The last line of its lock file says when it takes connections.
        lock, ends = os.path.join(self.data, "postmaster.pid"), time.monotonic() + START_LIMIT_S
        while "ready" not in read_or_nothing(lock).split():
            if self.process.poll() is not None or time.monotonic() > ends:
                raise CannotRun(f"PostgreSQL did not start: {read_or_nothing(self.log)[-500:]}")
            time.sleep(0.02)

    def _fill(self):
        administrator = {**self.environment("", "local"), "PGUSER": "postgres"}
        psql({**administrator, "PGDATABASE": "postgres"}, "-c",
             "CREATE ROLE bench LOGIN PASSWORD 'bench'", "-c", "CREATE ROLE trusty LOGIN", "-c",
             "CREATE DATABASE bench OWNER bench")
        psql(self.environment("", "local"), "-f", self.setup)

    def environment(self, peer, transport):
        return {
            **bare_environment(),
            "PGHOST": self.folder if transport == "local" else "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "trusty" if peer == FLOOR and transport != "local" else "bench",
            "PGPASSWORD": "bench",
            "PGDATABASE": "bench",
            "PGSSLMODE": "require" if transport == "tls" else "disable",
        }

    def lacks(self, _transport, _placement):
        return ""

    def pin(self, cores):
        os.sched_setaffinity(self.process.pid, cores)  # its backends inherit it

    def alive(self):
        return self.process.poll() is None


class Canned:
    """Answers with fixed bytes as fast as it can, so that the client's own cost is seen."""

    name = "canned"

    def __init__(self, words):
        self.words = words
        self.process = self.folder = None

    def __enter__(self):
        try:
            self.folder = short_folder("pgreactor_canned_")
            self.port = free_port()
            self.process = subprocess.Popen(
                [*self.words, self.folder, str(self.port), "--until-stdin-closes"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
                env=bare_environment(),
            )
            ready, _, _ = select.select([self.process.stdout], [], [], START_LIMIT_S)
            line = self.process.stdout.readline().split() if ready else []
            if len(line) != 2 or line[0] != b"listening":
                raise CannotRun("the canned server did not say where it listens")
            self.port = int(line[1])
        except OSError as error:
            self.__exit__()
            raise CannotRun(f"the canned server does not start: {error}") from error
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.stdin.close()
            try:
                self.process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                end(self.process, signal.SIGTERM)
            self.process.stdout.close()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, _peer, transport):
        return {
            **bare_environment(),
            "PGHOST": self.folder if transport == "local" else "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "bench",
            "PGPASSWORD": "bench",
            "PGDATABASE": "bench",
            "PGSSLMODE": "disable",
        }

    def lacks(self, transport, _placement):
        return "the canned server has no TLS" if transport == "tls" else ""

    def pin(self, cores):
        os.sched_setaffinity(self.process.pid, cores)

    def alive(self):
        return self.process.poll() is None


def read_or_nothing(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
