"""PostgreSQL's own programs: where they are, and psql run with an environment."""
import glob
import os
import re
import shutil
import subprocess

from harness.failures import CannotRun


def version_of(path):
    return [int(number) for number in re.findall(r"\d+", path)]


def directory_of_programs():
    """The folder with initdb and postgres: pg_config's, Debian's newest, PATH's."""
    candidates = []
    if shutil.which("pg_config"):
        asked = subprocess.run(
            ["pg_config", "--bindir"], capture_output=True, text=True, check=False
        )
        candidates.append(asked.stdout.strip())
    candidates += sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=version_of, reverse=True)
    found = shutil.which("postgres")
    if found:
        candidates.append(os.path.dirname(os.path.realpath(found)))
    for folder in candidates:
        # pg_config comes with the client library too and may name a folder without a server.
        if all(os.access(os.path.join(folder, name), os.X_OK) for name in ("initdb", "postgres")):
            return folder
    raise CannotRun("no PostgreSQL server programs (Debian: postgresql)")


def psql(environment, *arguments):
    """What psql printed, unaligned, tuples only. Raises CannotRun with its complaint."""
    program = shutil.which("psql")
    if not program:
        raise CannotRun("no psql (Debian: postgresql-client)")
    run = subprocess.run(
        [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    if run.returncode:
        raise CannotRun(f"psql: {run.stderr.strip()[-500:]}")
    return run.stdout.strip()
