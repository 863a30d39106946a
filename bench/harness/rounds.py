"""Timed runs: every case once a round, in an order that rotates, so that drift hits all."""
import itertools
import os

from harness import execution
from harness.cases import OWN
from harness.failures import CannotRun
from harness.results import figures_of


def rotated(items, by):
    """The same items, beginning with another."""
    by = by % len(items) if items else 0
    return items[by:] + items[:by]


def order_of_round(cases, number, rounds):
    """The cases of round `number` (from 0) of `rounds`.

    Cases that are compared stay together: the blocks of one workload, server and group rotate by a
    part of their number each round, and within a block the first becomes the last.
    """
    blocks = []
    for _, block in itertools.groupby(cases, key=lambda c: (c.workload, c.server, c.group)):
        blocks.append(rotated(list(block), number))
    return list(itertools.chain(*rotated(blocks, number * len(blocks) // max(rounds, 1))))


def placement(case, cores):
    """(the program's processors, the server's); None for the program means all."""
    if not case.placement:
        return None, set(cores)
    ordered = sorted(cores)
    return {ordered[0]}, {ordered[0] if case.placement == "same" else ordered[1]}


def command_of(case, programs, n):
    return [*programs.commands[case.peer], case.workload, case.word, str(n), str(case.depth)]


def sample(case, programs, server, cores):
    """One sample of a case: an Outcome, its line the sum where several runs make one."""
    ours, theirs = placement(case, cores)
    server.pin(theirs)
    environment = server.environment(case.peer, case.transport)
    words = command_of(case, programs, case.n)
    total = None
    for _ in range(case.repeat):
        outcome = execution.measure(words, environment, cores=ours)
        if outcome.line is None:
            return outcome
        if total is None:
            total = outcome
        else:
            for name in ("ops", "wall_s", "user_s", "sys_s"):
                total.line[name] += outcome.line[name]
            total.line["rss_kb"] = max(total.line["rss_kb"], outcome.line["rss_kb"])
    if case.repeat > 1:  # percentiles of one run alone would pass for those of all
        total.line = {name: v for name, v in total.line.items() if not name.startswith("p")}
    return total


def drop_wrong(results, checks):
    """Takes the results of wrong answers back; returns their keys."""
    wrong = checks.wrong()
    for case, sentence in wrong:
        results.fault(case, sentence)
        results.forget(case.key)
    return {case.key for case, _ in wrong}


class Rounds:
    """Runs the rounds and puts what comes out into results and checks."""

    def __init__(self, programs, servers, results, checks, say=lambda line: None):
        self.programs, self.servers = programs, servers  # servers: {name: started server}
        self.results, self.checks = results, checks
        self.say = say
        self.cores = os.sched_getaffinity(0)

    def runnable(self, cases):
        """Those whose program and server are there; says of the others why not."""
        kept = []
        for case in cases:
            self.results.cases.setdefault(case.key, case)
            reason = self._obstacle(case)
            if reason:
                self.results.skipped[case.key] = reason
            else:
                kept.append(case)
        return kept

    def _obstacle(self, case):
        if case.peer not in self.programs.commands:
            return self.programs.reason(case.peer)
        if case.placement == "split" and len(self.cores) < 2:
            return "there is one processor only"
        return self.servers[case.server].lacks(case.transport, case.placement)

    def run(self, cases, rounds):
        """Times the cases; returns those that ran in some round without a fault."""
        dropped = set()
        for number in range(rounds):
            shown = None
            for case in order_of_round(cases, number, rounds):
                if shown != (case.workload, case.server):
                    shown = (case.workload, case.server)
                    self.say(f"round {number + 1} of {rounds}: {case.workload} on {case.server}")
                if case.key not in dropped and not self._once(case, number):
                    dropped.add(case.key)
        dropped |= drop_wrong(self.results, self.checks)
        sound = self.results.values.keys() - dropped
        return [case for case in cases if case.key in sound]

    def _once(self, case, number):
        """False when the case need not be tried again: it is not offered, or it hangs."""
        outcome = sample(case, self.programs, self.servers[case.server], self.cores)
        if outcome.line is not None:
            self.checks.add(case, case.n, outcome.line["check"])
            self.results.add(case, number, figures_of(outcome.line))
            return True
        if outcome.not_offered and (case.peer != OWN or case.optional):
            self.results.skipped[case.key] = f"not offered by {case.peer}"
            return False
        if not self.servers[case.server].alive():
            raise CannotRun(f"the {case.server} server has ended during {case}: {outcome.fault}")
        self.say(f"FAILED {case}: {outcome.fault}")
        self.results.fault(case, outcome.fault)
        return not outcome.fault.startswith("took longer")
