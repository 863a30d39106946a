"""Whether the answers were right: the checksum of every run against the truth, or the others'.

PostgreSQL's answers follow from bench/setup.sql. What the canned server answers is its own affair:
there the programs are compared with each other. The floor decodes nothing and is not asked, nor is
W6, which reads nothing.
"""
import functools
from collections import Counter

from harness.cases import FLOOR, OPENSSL

BULK_ROWS, WIDE_ROWS, WIDE_COLUMNS = 1_000_000, 10_000, 50
CHECKS_WRAP_AT = 1 << 64  # 64-bit sums


@functools.lru_cache(maxsize=None)
def sum_of_world(n):
    """Of randomnumber over the ids that the programs ask for (world_id in workload_rows.hpp)."""
    total = 0
    for i in range(n):
        identity = (((i * 2654435761) & 0xFFFFFFFF) >> 8) % 10000 + 1
        total += identity * 7919 % 10000 + 1
    return total


def expected(workload, n):
    """The right checksum on PostgreSQL, None when there is none."""
    if workload == "W1":
        return n * (n - 1) // 2
    if workload in ("W2", "W3"):
        return sum_of_world(n)
    if workload == "W4":
        return n * 1000003 * (BULK_ROWS * (BULK_ROWS + 1) // 2)
    if workload == "W5":
        return n
    if workload == "W7":
        columns = WIDE_COLUMNS * (WIDE_COLUMNS - 1) // 2
        first = WIDE_COLUMNS * WIDE_COLUMNS * (WIDE_ROWS * (WIDE_ROWS + 1) // 2)
        return n * (first + columns * WIDE_ROWS)
    return None


class Checks:
    """Collects checksums, and tells whose are wrong."""

    def __init__(self):
        self.seen = {}  # (workload, server, n): {check: [case ...]}

    def add(self, case, n, check):
        if case.peer not in (FLOOR, OPENSSL) and case.workload != "W6":
            by_check = self.seen.setdefault((case.workload, case.server, n), {})
            cases = by_check.setdefault(check % CHECKS_WRAP_AT, [])
            if case not in cases:
                cases.append(case)

    def wrong(self):
        """[(case, sentence)]: answers that are not the truth, or not what most others have."""
        found = []
        for (workload, server, n), by_check in self.seen.items():
            right, why = self._right(workload, server, n, by_check)
            found += [
                (case, f"wrong answers: the checksum of {n} is {check}, {why}")
                for check, cases in by_check.items()
                if check not in right
                for case in cases
            ]
        return found

    @staticmethod
    def _right(workload, server, n, by_check):
        """The checksums to accept, and what to say of another."""
        if server == "postgres":
            truth = expected(workload, n) % CHECKS_WRAP_AT
            return {truth}, f"which should be {truth}"
        peers = Counter({check: len({c.peer for c in cases}) for check, cases in by_check.items()})
        (most, count), *others = peers.most_common()
        if any(other == count for _, other in others):
            return set(), "and programs disagree"
        return {most}, f"most programs have {most}"
