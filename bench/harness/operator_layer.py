"""What an operation of DBOperator costs beside the same statement by a held handle.

Counted by bench/short's program over answers in memory, with no server and no rounds: the counts
repeat exactly. The cases have no times.
"""
from harness.cases import operator_cases
from short.check import measure


def count(found, workloads, results, say):
    """Adds the figures of those of these workloads that are the operator layer's (O1, O2)."""
    cases = operator_cases(workloads)
    if cases:
        say(f"counting {len(cases)} cases of the operator layer")
    for case in cases:
        if "short_form" not in found.commands:
            results.skipped[case.key] = found.reason("short_form")
            continue
        try:
            figures = measure(*found.commands["short_form"], case.workload, case.mode)
        except (RuntimeError, OSError, ValueError) as error:
            results.fault(case, f"counting: {error}")
            continue
        results.add(case, 0, {each["figure"]: each["value"] for each in figures})
        results.reasons[case.key, "instructions"] = found.reason("valgrind")
