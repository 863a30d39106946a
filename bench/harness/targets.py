"""The figures to reach, as data: what must be, what would be near the limit, how each is computed.

A goal is a quantity, a function from Results to a number or None, and a bound, a number or such a
function. Ratios are medians of the ratios within each round.
"""
from dataclasses import dataclass
from typing import Callable, Union

from harness.cases import FLOOR, MEMORY, OPERATIONS, OWN, RIVALS

# What is counted as a difference of two lengths comes out a little off a whole number.
SLACK = 0.005


@dataclass(frozen=True)
class Goal:
    quantity: Callable
    bound: Union[float, Callable]
    at_least: bool = False
    slack: float = 0.0

    def measured(self, results):
        return self.quantity(results)

    def limit(self, results):
        return self.bound(results) if callable(self.bound) else self.bound

    def reached(self, results):
        """None when it was not measured."""
        value, limit = self.measured(results), self.limit(results)
        if value is None or limit is None:
            return None
        return value >= limit if self.at_least else value <= limit + self.slack


@dataclass(frozen=True)
class Target:
    name: str
    must: Goal
    aim: Goal = None

    def verdict(self, results):
        must = self.must.reached(results)
        if must is None:
            return "not measured"
        if not must:
            return "missed"
        return "reached aim" if self.aim and self.aim.reached(results) else "reached must"


def key(workload, server, mode, peer=OWN):
    return (workload, server, peer, mode)


def value(workload, server, mode, figure, peer=OWN, scale=1.0, plus=0.0):
    """A figure of one case, times `scale` plus `plus`."""

    def quantity(results):
        median = results.median(key(workload, server, mode, peer), figure)
        return None if median is None else median * scale + plus

    return quantity


def ratio(figure, workload, server, mode, peer, other_mode=""):
    """Ours divided by another's."""
    other = key(workload, server, other_mode or mode, peer)
    return lambda results: results.ratio(key(workload, server, mode), other, figure)


def against_best(figure, workload, server, mode, groups, peers=RIVALS):
    """Ours divided by that rival's with which it compares worst, of these groups."""

    def quantity(results):
        rivals = [
            other for group in groups for other in results.keys(workload, server, group, peers)
        ]
        ratios = [results.ratio(key(workload, server, mode), other, figure) for other in rivals]
        known = [number for number in ratios if number is not None]
        if not known:
            return None
        return (min if figure == "rate" else max)(known)

    return quantity


def own_ratio(figure, workload, server, mode, other_mode):
    return ratio(figure, workload, server, mode, OWN, other_mode)


def tail(workload, server, mode):
    """p99.9 over p50 of our own."""
    ours = key(workload, server, mode)
    return lambda results: results.ratio(ours, ours, "p999_us", "p50_us")


def idle_connection(results):
    """KiB that a connection holds which does nothing; None when more of them take no more."""
    few = results.median(key("W6", "canned", "idle-100"), "rss_kb")
    many = results.median(key("W6", "canned", "idle-1000"), "rss_kb")
    return None if few is None or many is None or many <= few else (many - few) / 900


def over_held(figure):
    """What the operator adds to the same statement by a held handle, where it adds the most."""

    def quantity(results):
        added = []
        for workload in OPERATIONS:
            held, whole = (
                results.median(key(workload, MEMORY, mode), figure)
                for mode in ("held", "operator")
            )
            if held is None or whole is None:
                return None
            added.append(whole - held)
        return max(added)

    return quantity


def both(quantity, must, aim, slack=0.0):
    """Goals of one quantity with two bounds."""
    return Goal(quantity, must, slack=slack), Goal(quantity, aim, slack=slack)


def instructions(workload, mode, must, aim):
    return both(value(workload, "canned", mode, "instructions"), must, aim)


def calls(workload, server, mode, must):
    floor = value(workload, server, mode, "syscalls", FLOOR, plus=0.05)
    return both(value(workload, server, mode, "syscalls"), must, floor, SLACK)


def allocations(workload, mode):
    return both(value(workload, "canned", mode, "allocations"), 1, 0, SLACK)


def cpu_against(workload, server, mode, peer, must, aim, other_mode=""):
    return both(ratio("cpu_us", workload, server, mode, peer, other_mode), must, aim)


def milliseconds(mode, must, aim):
    return both(value("W6", "postgres", mode, "cpu_us", scale=1e-3), must, aim)


SPIN = ("p50_us", "W1", "postgres", "spin-split")
PIPE_RATE = ("rate", "W3", "postgres", "pipe")

TARGETS = (
    Target("W1 instructions per query", *instructions("W1", "query", 3000, 1800)),
    *(
        Target(f"W1 p50 / libpq's, {where}",
               *both(ratio("p50_us", "W1", "postgres", mode, "libpq"), 1.1, 1.0))
        for mode, where in (("query-same", "one core"), ("query-split", "two cores"),
                            ("query", "not pinned"))
    ),
    Target("W1 busy_poll, two cores: p50 / blocking floor's",
           *both(ratio(*SPIN, FLOOR, "query-split"), 0.6, 0.5)),
    Target("W1 busy_poll, two cores: p50 / pgx's", Goal(ratio(*SPIN, "pgx4", "query-split"), 1.0)),
    Target("W2 each, 64 deep: instructions per query", *instructions("W2", "each", 1500, 800)),
    Target("W2 each, 64 deep, canned: cpu / best rival's; / floor's",
           Goal(against_best("cpu_us", "W2", "canned", "each", ("each",)), 0.5),
           Goal(ratio("cpu_us", "W2", "canned", "each", FLOOR), 1.9)),
    Target("W2 batch of 64: instructions per query", *instructions("W2", "batch", 1200, 650)),
    Target("W2 batch of 64, canned: cpu / libpq's; / floor's",
           Goal(ratio("cpu_us", "W2", "canned", "batch", "libpq"), 0.75),
           Goal(ratio("cpu_us", "W2", "canned", "batch", FLOOR), 1.3)),
    Target("W3 instructions per query", *instructions("W3", "pipe", 1700, 900)),
    Target("W3 rate on PostgreSQL / tokio pipelined's; / floor's",
           Goal(ratio(*PIPE_RATE, "tokio-postgres"), 1.15, at_least=True),
           Goal(ratio(*PIPE_RATE, FLOOR), 0.95, at_least=True)),
    Target("W3 rate on PostgreSQL / best ordinary pool's",
           Goal(against_best(*PIPE_RATE, ("pool",)), 2.5, at_least=True)),
    Target("W3 on PostgreSQL: p99 / best rival's",
           Goal(against_best("p99_us", "W3", "postgres", "pipe", ("pipe", "pool")), 1.0)),
    Target("W3 on PostgreSQL: p99.9 / p50", *both(tail("W3", "postgres", "pipe"), 4, 2.5)),
    *(
        Target(f"{workload} system calls per query, {server}",
               *calls(workload, server, mode, most))
        for workload, mode, most in (("W1", "query", 3), ("W2", "each", 0.40), ("W3", "pipe", 0.35))
        for server in ("postgres", "canned")
    ),
    *(
        Target(f"{workload} {mode}: heap allocations per query", *allocations(workload, mode))
        for workload, mode in (("W1", "query"), ("W2", "each"), ("W2", "batch"), ("W3", "pipe"))
    ),
    Target("W4 instructions per row", *instructions("W4", "stream", 250, 120)),
    Target("W4 canned: cpu / tokio's",
           *cpu_against("W4", "canned", "stream", "tokio-postgres", 0.5, 0.25)),
    Target("W4 memory, MB", Goal(value("W4", "postgres", "stream", "rss_kb", scale=1e-3), 10)),
    Target("W5 COPY: instructions per row", *instructions("W5", "copy", 480, 380)),
    Target("W5 COPY on PostgreSQL: cpu / libpq's",
           *cpu_against("W5", "postgres", "copy", "libpq", 0.8, 0.6)),
    Target("W5 inserts in batches: instructions per row", *instructions("W5", "insert", 1500, 900)),
    Target("W6 first SCRAM connect: cpu / OpenSSL's PBKDF2",
           *both(lambda results: results.ratio(
               key("W6", "postgres", "connect-first"),
               key("W6", "postgres", "pbkdf2", "openssl"), "cpu_us"), 1.25, 0.85)),
    Target("W6 key kept: client ms", *milliseconds("connect", 0.40, 0.25)),
    Target("W6 with TLS, key kept: client ms", *milliseconds("connect-tls", 2.5, 1.5)),
    Target("W7 instructions per row", *instructions("W7", "stream", 1500, 600)),
    Target("W7 canned: cpu / tokio's",
           *cpu_against("W7", "canned", "stream", "tokio-postgres", 0.5, 0.25)),
    Target("operator layer: instructions over a held statement's", *both(over_held("instructions"), 6000, 2500)),
    Target("operator layer: allocations over a held statement's", *both(over_held("allocations"), 4, 2)),
    Target("memory per idle connection, KiB", *both(idle_connection, 24, 12)),
    Target("memory with 10,000 tasks on 20 connections, MiB",
           *both(value("W3", "canned", "pipe-10000", "rss_kb", scale=1 / 1024), 16, 10)),
    Target("W3 canned: cpu at 10,000 tasks / at 64",
           *both(own_ratio("cpu_us", "W3", "canned", "pipe-10000", "pipe-64"), 1.3, 1.1)),
    Target("W3 canned: cpu at a pool maximum of 100 / of 1",
           *both(own_ratio("cpu_us", "W3", "canned", "pipe100", "pipe1"), 1.3, 1.1)),
)


def rows(results):
    """[(name, measured, must, aim, verdict)] as text; two measures where must and aim differ."""
    found = []
    for target in TARGETS:
        goals = [goal for goal in (target.must, target.aim) if goal]
        measured = [target.must.measured(results)]
        if target.aim and target.aim.quantity is not target.must.quantity:
            measured.append(target.aim.measured(results))
        bounds = [bound_text(goal, results) for goal in goals] + [""] * (2 - len(goals))
        text = "; ".join(number(value) for value in measured)
        found.append((target.name, text, *bounds, target.verdict(results)))
    return found


def bound_text(goal, results):
    limit = goal.limit(results)
    return "–" if limit is None else f"{'≥' if goal.at_least else '≤'} {number(limit)}"


def number(amount):
    """Three digits or so; – when there is none."""
    if amount is None:
        return "–"
    if abs(amount) >= 1000:
        return f"{amount:,.0f}"
    if abs(amount) >= 100 or amount == int(amount):
        return f"{amount:.0f}"
    if abs(amount) >= 10:
        return f"{amount:.1f}"
    return f"{amount:.2f}" if abs(amount) >= 1 else f"{amount:.3f}"
