"""short_check_test.py FOLDER: when bench/short/check.py, which lies in FOLDER, fails."""
import sys

from tap import Report

sys.path.insert(0, sys.argv[1])
import check  # noqa: E402


def figure(name, value):
    return {"workload": "W1", "mode": "query", "figure": name, "value": value, "unit": "per query"}


CASES = [
    ("instructions may grow by 3 %", "instructions", 1000, 1029, "passed"),
    ("instructions may not grow by more", "instructions", 1000, 1031, "FAILED"),
    ("instructions may shrink", "instructions", 1000, 500, "passed"),
    ("none may become none", "allocations", 0, 0, "passed"),
    ("no allocation may become a few", "allocations", 0, 0.0001, "FAILED"),
    ("allocations may not grow by more than 3 %", "allocations", 1, 1.04, "FAILED"),
    ("a system call in a thousand queries is let through", "syscalls", 3, 3.0009, "passed"),
    ("system calls may not grow", "syscalls", 3, 3.01, "FAILED"),
    ("a figure that is not in the baseline fails", "syscalls", None, 3, "FAILED"),
    ("a figure that is no longer measured fails", "syscalls", 3, None, "FAILED"),
    ("instructions that can't be counted are skipped", "instructions", 3, None, "skipped"),
]


def main():
    report = Report()
    for name, kind, base, value, expected in CASES:
        baseline, now = ([] if each is None else [figure(kind, each)] for each in (base, value))
        verdict = check.judge(baseline, now)[0][-1]
        report.check(name, [] if verdict.startswith(expected) else [f"it says: {verdict}"])
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
