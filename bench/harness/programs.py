"""The programs that are there to be measured.

bench/run writes a file with a line per program:
  NAME ready WORDS...     the command; the harness adds WORKLOAD MODE N DEPTH
  NAME absent REASON
Names are those of the peers, and `canned_server` and `counting` (a shared library).
"""
import os
import shlex

from harness.failures import CannotRun


class Programs:
    """commands: {name: [word ...]}; absent: {name: reason}."""

    def __init__(self, commands=None, absent=None):
        self.commands = dict(commands or {})
        self.absent = dict(absent or {})

    def reason(self, name):
        return self.absent.get(name, "was not built")

    def require(self, name):
        """Its command. Raises CannotRun when there is none."""
        if name not in self.commands:
            raise CannotRun(f"{name}: {self.reason(name)}")
        return self.commands[name]


def parse(lines, source):
    """Programs from the lines of the file; raises CannotRun with the line that is malformed."""
    programs = Programs()
    for number, line in enumerate(lines, 1):
        name, _, rest = line.strip().partition(" ")
        verdict, _, rest = rest.partition(" ")
        if not name:
            continue
        if verdict == "ready" and rest.strip():
            programs.commands[name] = shlex.split(rest)
        elif verdict == "absent":
            programs.absent[name] = rest.strip() or "no reason given"
        else:
            wanted = "neither 'ready COMMAND' nor 'absent REASON'"
            raise CannotRun(f"{source}:{number}: {wanted}: {line!r}")
    return programs


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            programs = parse(file, path)
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}; bench/run makes it") from error
    # Programs run in a directory of their own making: what is a file here keeps its meaning there.
    for words in programs.commands.values():
        words[:] = [os.path.abspath(word) if os.path.exists(word) else word for word in words]
    return programs
