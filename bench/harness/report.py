"""The results as plain text: a table per workload and server, then the figures to reach."""
from harness.cases import FLOOR, MEMORY, OPERATIONS, SERVERS, WORKLOADS
from harness.counting import GENERAL
from harness.targets import number, rows as target_rows

HEAD = ("peer", "mode", "cpu us/op (min–max)", "op/s", "p50 us", "p99 us", "p99.9 us", "instr/op",
        "calls/op", "allocs/op", "peak MB", "÷ floor", "÷ best rival")
FIGURES = ("rate", "p50_us", "p99_us", "p999_us", "instructions", "syscalls", "allocations")
ABSENT = "–"


def aligned(head, lines):
    """Columns of equal width; the first two to the left, numbers to the right."""
    table = [head, *lines]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ).rstrip()
        for line in table
    ]


def spread(results, key, figure):
    """Median (min–max)."""
    median, span = results.median(key, figure), results.span(key, figure)
    if median is None:
        return ABSENT
    return f"{number(median)} ({number(span[0])}–{number(span[1])})"


def comparisons(results, key):
    """cpu_us over the floor's and over the best rival's of the group, as text."""
    case = results.cases[key]
    where = (case.workload, case.server, case.group)
    texts = []
    for other in (results.best(*where, "cpu_us", (FLOOR,)), results.best(*where, "cpu_us")):
        ratio = results.ratio(key, other, "cpu_us") if other else None
        texts.append(ABSENT if ratio is None else f"{ratio:.2f}")
    return texts


def line_of(results, key):
    _, _, peer, mode = key
    memory = results.median(key, "rss_kb")
    return (
        peer,
        mode,
        spread(results, key, "cpu_us"),
        *(number(results.median(key, figure)) for figure in FIGURES),
        number(None if memory is None else memory / 1000),
        *comparisons(results, key),
    )


def ordered_keys(results, workload, server):
    """By group as in the table of cases, within one by cpu time."""
    groups = []
    for case in results.cases.values():
        if (case.workload, case.server) == (workload, server) and case.group not in groups:
            groups.append(case.group)
    return [
        key
        for group in groups
        for key in sorted(
            results.keys(workload, server, group),
            key=lambda key: results.median(key, "cpu_us") or 0,
        )
    ]


def legend(results, workload, server):
    """Why figures of this table are absent: a line per reason."""
    by_reason = {}
    for key, reason in results.skipped.items():
        if key[:2] == (workload, server):
            by_reason.setdefault(reason, []).append(f"{key[2]} {key[3]}")
    lines = [f"not run: {listed(names)}: {reason}" for reason, names in by_reason.items()]
    by_reason = {}
    for (key, figure), reason in results.reasons.items():
        if key[:2] == (workload, server) and results.median(key, figure) is None:
            figures, names = by_reason.setdefault(reason, ([], []))
            figures += [figure] if figure not in figures else []
            names += [name] if (name := f"{key[2]} {key[3]}") not in names else []
    for reason, (figures, names) in by_reason.items():
        whose = "" if reason in GENERAL else f" of {listed(names)}"
        lines.append(f"no {', '.join(figures)}{whose}: {reason}")
    return [f"  {ABSENT} {line}" for line in lines]


def listed(names, most=6):
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def text(results):
    """The whole report."""
    lines = []
    for workload, (what, operation) in {**WORKLOADS, **OPERATIONS}.items():
        for server in (*SERVERS, MEMORY):
            keys = ordered_keys(results, workload, server)
            below = legend(results, workload, server)
            if not keys and not below:
                continue
            lines += ["", f"{workload} on {server}: {what} (op: {operation})"]
            lines += aligned(HEAD, [line_of(results, key) for key in keys]) if keys else []
            lines += below
    lines += ["", "To reach"]
    lines += aligned(("figure", "measured", "must", "aim", ""), target_rows(results))
    if results.faults:
        lines += ["", "Failed"]
        lines += [f"  {case}: {sentence}" for case, sentence in results.faults]
    return "\n".join(lines).lstrip("\n") + "\n"
