"""Joins the parts: arguments, servers, rounds, counts, and what is shown of them."""
import contextlib
import os
import platform
import shutil
import signal
import sys

from harness import arguments, comparison, execution, operator_layer, page, programs, readme, report
from harness.cases import OPENSSL, OWN, select
from harness.checks import Checks
from harness.counting import Counting
from harness.failures import BadArguments, CannotRun
from harness.foreign_postgres import ForeignPostgres
from harness.results import Results, read_records, to_json, write_atomically
from harness.rounds import Rounds, drop_wrong
from harness.servers import Canned, PrivatePostgres

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TREE = os.path.dirname(BENCH)
SETUP = os.path.join(BENCH, "setup.sql")
# bench/run writes it.
PROGRAMS = os.path.join(TREE, ".build", "bench_programs")


def say(line):
    print(f"bench: {line}", file=sys.stderr, flush=True)


def known_programs(path):
    """What bench/run has built, and what the harness brings or finds itself."""
    found = programs.read(path)
    found.commands[OPENSSL] = [sys.executable, os.path.join(BENCH, "harness", "pbkdf2.py")]
    if "valgrind" not in {**found.commands, **found.absent}:
        where = shutil.which("valgrind")
        if where:
            found.commands["valgrind"] = [where]
        else:
            found.absent["valgrind"] = "valgrind is not installed"
    return found


def server_of(name, found):
    if name == "canned":
        return Canned(found.require("canned_server"))
    url = os.environ.get("DATABASE_URL")
    return ForeignPostgres(url, SETUP) if url else PrivatePostgres(SETUP)


def measured(settings):
    """Runs everything; returns Results."""
    found = known_programs(settings.programs or PROGRAMS)
    results, checks = Results(), Checks()
    cases = select(settings.workloads, settings.peers, settings.servers, settings.full)
    needed = [name for name in settings.servers if any(case.server == name for case in cases)]
    with contextlib.ExitStack() as stack:
        servers = {}
        for name in needed:
            say(f"starting the server: {name}")
            servers[name] = stack.enter_context(server_of(name, found))
        rounds = Rounds(found, servers, results, checks, say)
        sound = rounds.run(rounds.runnable(cases), settings.rounds)
        Counting(found, servers, results, checks, say).run(sound)
        drop_wrong(results, checks)
    operator_layer.count(found, settings.workloads, results, say)
    return results


def measure(words):
    settings = arguments.parse(words)
    before = read_records(settings.compare) if settings.compare else None
    results = measured(settings)
    print(report.text(results), end="")
    records = results.records()
    if before is not None:
        print("\n" + "\n".join(comparison.compare(before, records)))
    with writing():
        if settings.json:
            write_atomically(settings.json, to_json(records))
        if settings.html:
            write_atomically(settings.html, page.html(results, description(settings)))
    return 1 if any(is_serious(case, sentence) for case, sentence in results.faults) else 0


def is_serious(case, sentence):
    """A rival that crashes is named and no more; our own program and wrong answers are not."""
    return case.peer == OWN or sentence.startswith("wrong answers")


@contextlib.contextmanager
def writing():
    try:
        yield
    except OSError as error:
        raise CannotRun(f"{error.filename}: {error.strerror}") from error


def description(settings):
    rounds = f"{settings.rounds} rounds" if settings.rounds > 1 else "one round"
    machine = f"{platform.machine()}, {len(os.sched_getaffinity(0))} processors"
    return f"Medians of {rounds}, {'full' if settings.full else 'reduced'} counts, on {machine}."


def readme_table(words):
    check = "--check" in words
    rest = [word for word in words if word != "--check"]
    if len(rest) != 1 or rest[0].startswith("-"):
        raise BadArguments("readme: give one results file, and --check or nothing")
    path = os.path.join(TREE, "README.md")
    same = readme.update(rest[0], path, check)
    if check and not same:
        print(f"README.md: its table is not that of {rest[0]}", file=sys.stderr)
        return 1
    return 0


def wanted_rivals(words):
    """For bench/run, before anything is built: checks the arguments, prints the rivals."""
    settings = arguments.parse(words)
    if settings.compare:
        read_records(settings.compare)
    print(*settings.rivals)
    return 0


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop(number, _frame):
    """Ends the run; a second signal does not keep it from stopping its servers."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main(words):
    """The exit status: 0; 1 for wrong answers or a failure of ours; 2 for bad arguments."""
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, stop)
    try:
        if words[:1] == ["readme"]:
            return readme_table(words[1:])
        if words[:1] == ["rivals"]:
            return wanted_rivals(words[1:])
        if words[:1] in (["-h"], ["--help"]):
            print(arguments.USAGE)
            return 0
        return measure(words)
    except BadArguments as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except CannotRun as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        execution.stop_all()
