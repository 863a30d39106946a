"""Turns what a test program left behind into test cases.

A program that died, hung, or ended before it reported counts as one failed case more than it
reported: it may lose cases, never the fact that it failed.
"""
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
# meson's verdicts on a whole program that mean it failed, whatever its cases say
BAD_RESULTS = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


@dataclass
class Case:
    name: str
    outcome: str
    details: list = field(default_factory=list)


def cases_of_gtest_xml(text):
    """The cases in the report GoogleTest writes when a program ends; None when it is not whole."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None
    cases = []
    for element in root.iter("testcase"):
        name = f"{element.get('classname', '')}.{element.get('name', '')}"
        failures = [
            failure.text or failure.get("message", "") for failure in element.iter("failure")
        ]
        if failures:
            cases.append(Case(name, FAILED, failures))
        elif element.get("status") != "run" or element.get("result") == "skipped":
            cases.append(
                Case(name, SKIPPED, [skip.get("message", "") for skip in element.iter("skipped")])
            )
        else:
            cases.append(Case(name, PASSED))
    return cases


def cases_of_gtest_output(output):
    """The cases a GoogleTest program printed before it died; the one it died in has failed."""
    verdicts = {"OK": PASSED, "FAILED": FAILED, "SKIPPED": SKIPPED}
    cases, running, printed = [], None, []
    for line in output.splitlines():
        match = re.match(r"\[ *(RUN|OK|FAILED|SKIPPED) *\] (\S+?)(?:,|\s|$)", line)
        if match and match[1] == "RUN":
            if running:
                cases.append(Case(running, FAILED, printed + ["it was never finished"]))
            running, printed = match[2], []
        elif match and match[2] == running:
            cases.append(Case(running, verdicts[match[1]], printed if match[1] == "FAILED" else []))
            running = None
        elif running:
            printed.append(line)
    if running:
        cases.append(Case(running, FAILED, printed + ["the program ended in this case"]))
    return cases


TAP_LINE = re.compile(
    r"(not )?ok\b[ \t]*\d*[ \t]*(?:-[ \t]*)?(.*?)[ \t]*(?:#[ \t]*(skip|todo)\b(.*))?$",
    re.IGNORECASE,
)


def cases_of_tap(output):
    """The cases of a script; a plan that does not fit what was reported is a failed case."""
    cases, planned, nothing_to_do = [], None, None
    for line in output.splitlines():
        plan = re.match(r"1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?", line, re.IGNORECASE)
        match = TAP_LINE.match(line)
        if plan:
            planned, nothing_to_do = int(plan[1]), plan[2]
        elif match:
            name = match[2] or f"case {len(cases) + 1}"
            if match[3]:  # skipped, or known not to work yet: neither passed nor failed
                cases.append(Case(name, SKIPPED, [match[4].strip()]))
            else:
                cases.append(Case(name, FAILED if match[1] else PASSED))
        elif line.startswith("Bail out!"):
            cases.append(Case("bail out", FAILED, [line[len("Bail out!") :].strip()]))
        elif cases and line.startswith("#"):
            cases[-1].details.append(line[1:].removeprefix(" "))
    if planned == 0 and not cases and nothing_to_do is not None:
        return [Case("whole script", SKIPPED, [nothing_to_do])]
    if planned is None:
        cases.append(Case("plan", FAILED, ["the script ended without its plan (1..N)"]))
    elif planned != len(cases):
        cases.append(Case("plan", FAILED, [f"{planned} cases were planned, {len(cases)} reported"]))
    return cases


def tail(text, lines=100):
    rows = text.splitlines()
    return ([f"... {len(rows) - lines} lines before ..."] if len(rows) > lines else []) + rows[
        -lines:
    ]


def cases_of_test(protocol, run, gtest_xml):
    """The cases of one test program.

    run        its entry in meson's testlog.json; None when meson never ran it
    gtest_xml  the text of GoogleTest's report; None when there is none
    """
    if run is None:
        return [Case("did not run", FAILED)]
    output, errors = run.get("stdout") or "", run.get("stderr") or ""
    verdict = f"the program ended with {run['result']} (exit status {run['returncode']})"
    bad = run["result"] in BAD_RESULTS
    everything = [verdict] + tail(output) + tail(errors)
    if protocol == "gtest":
        cases = cases_of_gtest_xml(gtest_xml) if gtest_xml is not None else None
        if cases is None:  # it died, or called exit(): what it printed is all there is
            cases = cases_of_gtest_output(output)
            if not any(case.outcome == FAILED for case in cases):
                cases.append(Case("did not finish", FAILED))
            if cases[-1].outcome == FAILED:
                cases[-1].details += everything
    elif protocol == "tap":
        cases = cases_of_tap(output)
    else:  # the exit status is all it says
        skipped = run["result"] == "SKIP"
        return [
            Case(
                "exit status",
                FAILED if bad else SKIPPED if skipped else PASSED,
                everything if bad else [],
            )
        ]
    if bad and not any(case.outcome == FAILED for case in cases):
        cases.append(Case("after its test cases", FAILED, everything))
    if not cases:
        cases.append(Case("no test cases", FAILED, everything))
    return cases
