"""The numbers: per case and figure a value for each round, medians and ratios of them, the JSON."""
import json
import os
import statistics
import tempfile

from harness.cases import RIVALS
from harness.failures import BadArguments

# figure: unit. Counts are taken once, times in every round. Lower is better, but for the rate.
UNITS = {
    "cpu_us": "us/op",  # the program's own user and system time
    "rate": "op/s",
    "p50_us": "us",
    "p99_us": "us",
    "p999_us": "us",
    "instructions": "1/op",
    "syscalls": "1/op",
    "allocations": "1/op",
    "rss_kb": "kB",  # the most that was resident, of the whole process
}
KEY = ("workload", "server", "peer", "mode")


def figures_of(line):
    """The figures of one run from the line that the program printed."""
    ops = line["ops"]
    found = {
        "cpu_us": (line["user_s"] + line["sys_s"]) / ops * 1e6,
        "rss_kb": line["rss_kb"],
    }
    if line["wall_s"] > 0:
        found["rate"] = ops / line["wall_s"]
    found.update({name: line[name] for name in ("p50_us", "p99_us", "p999_us") if name in line})
    return found


class Results:
    """values[key][figure][round]; reasons[(key, figure)] says why a figure is absent."""

    def __init__(self):
        self.cases = {}  # key: case, in the order of the table
        self.values = {}
        self.reasons = {}
        self.skipped = {}  # key: why it was not run at all
        self.faults = []  # (case, sentence): what failed

    def add(self, case, round_number, figures):
        self.cases.setdefault(case.key, case)
        by_figure = self.values.setdefault(case.key, {})
        for figure, value in figures.items():
            by_figure.setdefault(figure, {})[round_number] = value

    def forget(self, key):
        """Takes back what a program said that turned out to be wrong."""
        self.values.pop(key, None)

    def fault(self, case, sentence):
        """Says once what failed, however many rounds it fails in."""
        if (case, sentence) not in self.faults:
            self.faults.append((case, sentence))

    def rounds(self, key, figure):
        return self.values.get(key, {}).get(figure, {})

    def median(self, key, figure):
        """None when there is no such figure."""
        values = self.rounds(key, figure).values()
        return statistics.median(values) if values else None

    def span(self, key, figure):
        values = self.rounds(key, figure).values()
        return (min(values), max(values)) if values else None

    def ratio(self, key, other, figure, other_figure=""):
        """The median of the ratios within each round; None without a common round."""
        ours, theirs = self.rounds(key, figure), self.rounds(other, other_figure or figure)
        ratios = [ours[k] / theirs[k] for k in ours.keys() & theirs.keys() if theirs[k]]
        return statistics.median(ratios) if ratios else None

    def keys(self, workload, server, group="", peers=None):
        """Keys that have values, in the order of the table."""
        return [
            key
            for key, case in self.cases.items()
            if key in self.values
            and (case.workload, case.server) == (workload, server)
            and (not group or case.group == group)
            and (peers is None or case.peer in peers)
        ]

    def best(self, workload, server, group, figure, peers=RIVALS):
        """The key with the best median of the figure among these peers; None without one."""
        known = {
            key: self.median(key, figure)
            for key in self.keys(workload, server, group, peers)
            if self.rounds(key, figure)
        }
        if not known:
            return None
        return (max if figure == "rate" else min)(known, key=known.get)

    def records(self):
        """The results as the JSON file has them."""
        found = []
        for key, by_figure in self.values.items():
            for figure in UNITS:
                if by_figure.get(figure):
                    record = dict(zip(KEY, key), figure=figure)
                    record["value"] = rounded(self.median(key, figure))
                    record["unit"] = UNITS[figure]
                    if len(by_figure[figure]) > 1:
                        low, high = self.span(key, figure)
                        record.update(min=rounded(low), max=rounded(high))
                    found.append(record)
        return found


def rounded(value):
    """Six digits: what was measured has fewer."""
    return value if isinstance(value, int) else float(f"{value:.6g}")


def write_atomically(path, text):
    """Replaces the file as a whole, or leaves it as it is. Raises OSError."""
    folder = os.path.dirname(os.path.abspath(path))
    descriptor, temporary = tempfile.mkstemp(prefix=".new_", dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o666 & ~umask()
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def umask():
    current = os.umask(0o022)
    os.umask(current)
    return current


def to_json(records):
    lines = ",\n".join("  " + json.dumps(record, ensure_ascii=False) for record in records)
    return f"[\n{lines}\n]\n" if records else "[]\n"


def read_records(path):
    """The records of a results file; raises BadArguments with the file and what is wrong in it."""
    try:
        with open(path, encoding="utf-8") as file:
            records = json.load(file)
    except OSError as error:
        raise BadArguments(f"{path}: {error.strerror}") from None
    except ValueError as error:  # a UnicodeDecodeError is one too
        raise BadArguments(f"{path}: not JSON: {error}") from None
    if not isinstance(records, list):
        raise BadArguments(f"{path}: not an array of results")
    for number, record in enumerate(records, 1):
        fault = fault_of(record)
        if fault:
            raise BadArguments(f"{path}: result {number} {fault}")
    return records


def fault_of(record):
    """What is wrong with a record; empty when nothing is."""
    if not isinstance(record, dict):
        return "is not an object"
    for name in (*KEY, "figure", "unit"):
        if not isinstance(record.get(name), str):
            return f"has no text {name!r}"
    for name in ("value", "min", "max"):
        value = record.get(name, 0 if name != "value" else None)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
            return f"has no number {name!r}"
    return ""
