"""Reports test cases in the Test Anything Protocol, which tests/run reads."""
import sys


class Report:
    """Prints a line per case as it is known, and the plan at the end."""

    def __init__(self):
        self.cases = 0
        self.failures = 0

    def _line(self, verdict, name, details, directive=""):
        self.cases += 1
        print(f"{verdict} {self.cases} - {name}{directive}")
        for detail in details:
            for line in str(detail).splitlines() or [""]:
                print(f"# {line}")
        sys.stdout.flush()

    def check(self, name, faults):
        """A case that passes when `faults`, a list of sentences, is empty."""
        if faults:
            self.failures += 1
        self._line("not ok" if faults else "ok", name, faults)

    def skip(self, name, reason):
        self._line("ok", name, [], f" # SKIP {reason}")

    def finish(self):
        """Prints the plan; gives the exit status of the script."""
        print(f"1..{self.cases}", flush=True)
        return 1 if self.failures or not self.cases else 0
