"""The table in README.md, made from a results file."""
from harness.cases import FLOOR, OWN, RIVALS
from harness.failures import BadArguments
from harness.results import read_records, write_atomically
from harness.targets import number

BEGIN, END = "<!-- benchmark:begin -->", "<!-- benchmark:end -->"
COLUMNS = (FLOOR, OWN, "libpq", "tokio-postgres")
OTHERS = tuple(peer for peer in RIVALS if peer not in COLUMNS)
ROWS_MODES = ("stream", "single", "whole", "recv")
# label, workload, server, modes (of several the one with the least cpu time is shown), and of what:
# (figure, factor, unit)
CPU = ("cpu_us", 1.0, "µs")
ROWS = (
    ("W1 one query at a time", "W1", "canned", ("query",), CPU),
    ("W2 one connection, 64 in flight, a Sync each", "W2", "canned", ("each",), CPU),
    ("W2 one connection, batches of 64, one Sync", "W2", "canned", ("batch",), CPU),
    ("W3 256 tasks, 20 connections", "W3", "canned", ("pipe", "pool"), CPU),
    ("W3 queries/s on PostgreSQL", "W3", "postgres", ("pipe", "pool"), ("rate", 1.0, "")),
    ("W4 read 1M rows, per row", "W4", "canned", ROWS_MODES, CPU),
    ("W5 COPY in, per row", "W5", "canned", ("copy",), CPU),
    ("W5 INSERT, per row", "W5", "canned", ("insert",), CPU),
    ("W6 connect, SCRAM", "W6", "postgres", ("connect",), ("cpu_us", 1e-3, "ms")),
    ("W7 read rows of 50 int4, per row", "W7", "canned", ROWS_MODES, CPU),
)
NOTE = (
    "The client's own CPU time per operation against canned answers, and instructions; W6 against "
    "PostgreSQL. The floor sends prepared bytes and decodes nothing. – is not measured or not "
    "offered. Made by `bench/harness.py readme FILE.json` from the results of "
    "`bench/run --json FILE.json`."
)


class Table:
    """Looks up records by case and figure."""

    def __init__(self, records):
        self.values = {
            (r["workload"], r["server"], r["peer"], r["mode"], r["figure"]): r["value"]
            for r in records
        }

    def best(self, workload, server, peers, modes, figure):
        """(peer, mode) with the best figure; None without one."""
        known = {
            (peer, mode): self.values[workload, server, peer, mode, figure]
            for peer in peers
            for mode in modes
            if (workload, server, peer, mode, figure) in self.values
        }
        return (max if figure == "rate" else min)(known, key=known.get) if known else None

    def cell(self, row, peers, named):
        _, workload, server, modes, (figure, factor, unit) = row
        best = self.best(workload, server, peers, modes, figure)
        if best is None:
            return "–"
        text = f"{number(self.values[(workload, server, *best, figure)] * factor)} {unit}".strip()
        instructions = self.values.get((workload, server, *best, "instructions"))
        if instructions is not None and figure == "cpu_us":
            text += f"; {number(instructions)}"
        return f"{best[0]} {text}" if named else text


def block(records):
    """What stands between the marks, marks included."""
    table = Table(records)
    lines = [
        BEGIN,
        f"| | {' | '.join(COLUMNS)} | best other |",
        "|---" * (len(COLUMNS) + 2) + "|",
    ]
    for row in ROWS:
        cells = [table.cell(row, (peer,), False) for peer in COLUMNS]
        lines.append("| " + " | ".join([row[0], *cells, table.cell(row, OTHERS, True)]) + " |")
    return "\n".join([*lines, "", NOTE, END])


def replaced(text, new, path):
    """The text with another block. Raises BadArguments unless it has the marks once."""
    begin, end = text.find(BEGIN), text.find(END)
    if text.count(BEGIN) != 1 or text.count(END) != 1 or end < begin:
        raise BadArguments(f"{path}: needs one line {BEGIN} and, after it, one {END}")
    return text[:begin] + new + text[end + len(END):]


def update(results_path, readme_path, check):
    """Rewrites the block, or with `check` only looks; True when it was as it should be."""
    records = read_records(results_path)
    try:
        with open(readme_path, encoding="utf-8") as file:
            text = file.read()
        wanted = replaced(text, block(records), readme_path)
        if wanted != text and not check:
            write_atomically(readme_path, wanted)
    except OSError as error:
        raise BadArguments(f"{readme_path}: {error.strerror}") from None
    return wanted == text
