"""Counts per operation, as the difference of two lengths: what starting costs cancels out.

Instructions by valgrind (user space only), calls and allocations by a preloaded library.
"""
import glob
import json
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor

from harness import execution
from harness.cases import UNCOUNTED
from harness.rounds import command_of

INSTRUCTIONS = re.compile(r"I\s+refs:\s+([\d,]+)")
# Reasons that are those of a whole mode or server, so that nobody need be named.
PURPOSE = "not counted in the modes that are there for their times or their memory"
ELSEWHERE = "counted on the canned server only"
HIDDEN = "valgrind hides the processor's SHA instructions"
GENERAL = (PURPOSE, ELSEWHERE, HIDDEN)
CALLS = ("sends", "receives", "waits", "other")


def per_operation(short, long):
    """Difference quotients of two runs, each (operations, {figure: total})."""
    ops = long[0] - short[0]
    if ops <= 0:
        raise ValueError(f"the longer run did no more operations: {short[0]} and {long[0]}")
    return {figure: (long[1][figure] - short[1][figure]) / ops for figure in short[1]}


def instructions_in(folder):
    """The sum over valgrind's logs. Raises ValueError when one has no total."""
    total = 0
    for path in glob.glob(os.path.join(folder, "log.*")):
        with open(path, encoding="utf-8", errors="replace") as file:
            found = INSTRUCTIONS.search(file.read())
        if found:
            total += int(found[1].replace(",", ""))
    if not total:
        raise ValueError("valgrind counted no instructions")
    return {"instructions": total}


def calls_in(path):
    """System calls and allocations. Raises ValueError when the library wrote none."""
    try:
        with open(path, encoding="utf-8") as file:
            counts = json.loads(file.read().strip().splitlines()[-1])
        return {
            "syscalls": sum(counts[name] for name in CALLS),
            "allocations": counts["allocations"],
        }
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise ValueError("no counts of calls came out") from error


class Counting:
    """Counts the cases it is given and puts what comes out into results and checks."""

    def __init__(self, programs, servers, results, checks, say=lambda line: None):
        self.programs, self.servers = programs, servers
        self.results, self.checks = results, checks
        self.say = say
        self.preload = (programs.commands.get("counting") or [None])[0]
        self.valgrind = programs.commands.get("valgrind")

    def run(self, cases):
        """Calls depend a little on timing and are counted one program at a time; instructions do
        not: as many programs at once as there are processors."""
        for server in self.servers.values():
            server.pin(os.sched_getaffinity(0))
        calls = [case for case in cases if self._counts_calls(case)]
        self.say(f"counting the calls of {len(calls)} cases")
        for case in calls:
            self._keep(case, ("syscalls", "allocations"), lambda: self._count(case, self._calls))
        instructions = [case for case in cases if self._counts_instructions(case)]
        self.say(f"counting the instructions of {len(instructions)} cases")
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            pending = [
                (case, pool.submit(self._count, case, self._instructions)) for case in instructions
            ]
            try:
                for case, future in pending:
                    self._keep(case, ("instructions",), future.result)
            except BaseException:
                execution.stop_all()
                pool.shutdown(cancel_futures=True)
                raise

    def _counts_calls(self, case):
        if case.lengths and self.preload:
            return True
        if case.peer in UNCOUNTED:
            self._absent(case, ("syscalls", "allocations"), UNCOUNTED[case.peer])
        elif case.lengths:
            self._absent(case, ("syscalls", "allocations"), self.programs.reason("counting"))
        else:
            self._absent(case, ("syscalls", "allocations"), PURPOSE)
        return False

    def _counts_instructions(self, case):
        if case.instructions and self.valgrind:
            return True
        self._absent(case, ("instructions",), self._why_no_instructions(case))
        return False

    def _why_no_instructions(self, case):
        if case.peer in UNCOUNTED:
            return UNCOUNTED[case.peer]
        if case.instructions:
            return self.programs.reason("valgrind")
        if case.workload == "W6":
            return HIDDEN
        if case.server != "canned":
            return ELSEWHERE
        if case.lengths:
            return "takes minutes under valgrind: counted with --full"
        return PURPOSE

    def _absent(self, case, figures, reason):
        for figure in figures:
            self.results.reasons[case.key, figure] = reason

    def _keep(self, case, figures, count):
        try:
            self.results.add(case, 0, count())
        except (ValueError, OSError) as error:
            self._absent(case, figures, f"counting failed: {error}")
            self.results.fault(case, f"counting {' and '.join(figures)}: {error}")

    def _count(self, case, way):
        return per_operation(*(way(case, n) for n in case.lengths))

    def _measure(self, case, n, words, extra):
        environment = {**self.servers[case.server].environment(case.peer, case.transport), **extra}
        outcome = execution.measure(words, environment, execution.COUNTING_LIMIT_S)
        if outcome.line is None:
            raise ValueError(outcome.fault)
        self.checks.add(case, n, outcome.line["check"])
        return outcome.line["ops"]

    def _calls(self, case, n):
        with tempfile.TemporaryDirectory(prefix="pgreactor_counts_") as folder:
            path = os.path.join(folder, "counts")
            extra = {"LD_PRELOAD": self.preload, "PGREACTOR_COUNTS": path}
            ops = self._measure(case, n, command_of(case, self.programs, n), extra)
            return ops, calls_in(path)

    def _instructions(self, case, n):
        with tempfile.TemporaryDirectory(prefix="pgreactor_counts_") as folder:
            words = [
                *self.valgrind, "--tool=cachegrind", "--cache-sim=no", "--trace-children=yes",
                "--cachegrind-out-file=/dev/null", f"--log-file={folder}/log.%p",
                *command_of(case, self.programs, n),
            ]
            return self._measure(case, n, words, {}), instructions_in(folder)
