"""Runs a measured program once and reads its line; none outlives the harness."""
import json
import os
import signal
import subprocess
import threading
from dataclasses import dataclass

TIMING_LIMIT_S = 60
COUNTING_LIMIT_S = 600
# A measured program that does not know a workload or mode ends with this status and a list of what
# it knows (bench/measured_program.hpp). The list matters: Go ends so after a panic.
STATUS_NOT_OFFERED, WHAT_IT_KNOWS = 2, "there is:"

_running = set()
_guard = threading.Lock()
_stopping = threading.Event()


@dataclass
class Outcome:
    """line: the decoded JSON, or None and then `fault` says why; not_offered: unknown mode."""

    line: dict = None
    fault: str = ""
    not_offered: bool = False


def stop_all():
    """Kills what is still running, and lets nothing more begin. For the way out."""
    _stopping.set()
    with _guard:
        for process in _running:
            kill_group(process)


def kill_group(process):
    """The program and what it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(words, environment, limit_s, cores=None):
    """(exit status, stdout, stderr) of a command; status None when it ran longer than limit_s.

    cores: the processors it may use, all when None. Raises OSError when it cannot be started.
    """
    pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    with _guard:
        if _stopping.is_set():
            raise InterruptedError("the harness is stopping")
        process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=pin,
        )
        _running.add(process)
    try:
        out, err = process.communicate(timeout=limit_s)
        return process.returncode, out, err
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.communicate()
        return None, "", ""
    except BaseException:
        kill_group(process)
        process.wait()
        raise
    finally:
        with _guard:
            _running.discard(process)


def last_line(text, most=300):
    """For people: without what would disturb a terminal."""
    lines = text.strip().splitlines()
    line = lines[-1].strip()[:most] if lines else ""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def complaint(text):
    """The line of stderr that says what happened: a Go panic's first, else the last."""
    panic = next((line for line in text.splitlines() if line.startswith("panic:")), "")
    return last_line(panic or text)


NUMBERS = ("ops", "wall_s", "user_s", "sys_s", "rss_kb", "check")


def parse_line(text):
    """The measurement in the last line. Raises ValueError with what is wrong."""
    try:
        line = json.loads(last_line(text, most=None))
    except ValueError as error:
        raise ValueError(f"printed no JSON line: {last_line(text)!r}") from error
    if not isinstance(line, dict):
        raise ValueError("printed JSON that is no object")
    for name in NUMBERS:
        if isinstance(line.get(name), bool) or not isinstance(line.get(name), (int, float)):
            raise ValueError(f"printed no number {name!r}")
    if line["ops"] <= 0:
        raise ValueError("says it did no operations")
    return line


def measure(words, environment, limit_s=TIMING_LIMIT_S, cores=None):
    """Runs a measured program (words include WORKLOAD MODE N DEPTH)."""
    try:
        status, out, err = run(words, environment, limit_s, cores)
    except OSError as error:
        return Outcome(fault=f"cannot be started: {error}")
    if status is None:
        return Outcome(fault=f"took longer than {limit_s} s")
    if status == STATUS_NOT_OFFERED and WHAT_IT_KNOWS in err:
        return Outcome(fault=last_line(err), not_offered=True)
    if status < 0:
        return Outcome(fault=f"ended by {signal.Signals(-status).name}: {last_line(err)}")
    if status:
        return Outcome(fault=f"status {status}: {complaint(err) or last_line(out)}")
    try:
        return Outcome(line=parse_line(out))
    except ValueError as error:
        return Outcome(fault=str(error))
