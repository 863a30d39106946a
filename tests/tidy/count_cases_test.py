"""The counting of test cases: no way to fail may be counted as none."""
import sys

from count_cases import FAILED, PASSED, SKIPPED, cases_of_test
from tap import Report

XML = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1"><testsuite name="A">
<testcase name="Good" status="run" result="completed" classname="A"/>
<testcase name="Bad" status="run" result="completed" classname="A">
<failure message="1 is not 2" type=""><![CDATA[1 is not 2]]></failure></testcase>
<testcase name="Later" status="run" result="skipped" classname="A">
<skipped message="no server"><![CDATA[no server]]></skipped></testcase>
<testcase name="DISABLED_Off" status="notrun" result="suppressed" classname="A"/>
</testsuite></testsuites>"""
GOOD_XML = """<testsuites><testsuite name="A">
<testcase name="Good" status="run" result="completed" classname="A"/>
</testsuite></testsuites>"""
DIED = "[ RUN      ] A.Good\n[       OK ] A.Good (0 ms)\n[ RUN      ] A.Dies\n"
ONE_BAD = (
    "[ RUN      ] A.Bad/0\nsaid so\n[  FAILED  ] A.Bad/0, where GetParam() = 1 (0 ms)\n"
    "[ RUN      ] A.Dies\n"
)
EXITS = "[ RUN      ] A.Good\n[       OK ] A.Good (0 ms)\n"


def run_of(result, status=0, stdout="", stderr=""):
    return {"result": result, "returncode": status, "stdout": stdout, "stderr": stderr}


# what happened: (protocol, meson's entry, GoogleTest's report), passed, failed, skipped
TABLE = {
    "gtest: its report is counted": (("gtest", run_of("FAIL", 1), XML), 1, 1, 2),
    "gtest: all well": (("gtest", run_of("OK"), GOOD_XML), 1, 0, 0),
    "gtest: died in a case": (("gtest", run_of("FAIL", -11, DIED), None), 1, 1, 0),
    "gtest: hung in a case": (("gtest", run_of("TIMEOUT", -9, DIED), None), 1, 1, 0),
    "gtest: failed one, died in the next": (("gtest", run_of("FAIL", -6, ONE_BAD), None), 0, 2, 0),
    "gtest: died between cases": (("gtest", run_of("FAIL", -6, EXITS), None), 1, 1, 0),
    "gtest: a case called exit(0)": (("gtest", run_of("OK", 0, DIED), None), 1, 1, 0),
    "gtest: died before any case": (("gtest", run_of("FAIL", 127), None), 0, 1, 0),
    "gtest: half a report": (("gtest", run_of("OK", 0, EXITS), XML[:200]), 1, 1, 0),
    "gtest: a leak is reported after the cases": (("gtest", run_of("FAIL", 23), GOOD_XML), 1, 1, 0),
    "gtest: no cases": (("gtest", run_of("OK"), "<testsuites/>"), 0, 1, 0),
    "tap: all well": (("tap", run_of("OK", 0, "1..2\nok 1 - a\nok 2 - b\n"), None), 2, 0, 0),
    "tap: not ok": (
        ("tap", run_of("FAIL", 1, "ok 1 - a\nnot ok 2 - b\n# why\n1..2\n"), None),
        1,
        1,
        0,
    ),
    "tap: skip and todo": (
        (
            "tap",
            run_of("OK", 0, "ok 1 - a # SKIP no\nnot ok 2 - b # TODO later\nok 3\n1..3\n"),
            None,
        ),
        1,
        0,
        2,
    ),
    "tap: skipped as a whole": (
        ("tap", run_of("SKIP", 0, "1..0 # SKIP no cmake\n"), None),
        0,
        0,
        1,
    ),
    "tap: no plan": (("tap", run_of("OK", 0, "ok 1 - a\n"), None), 1, 1, 0),
    "tap: too few cases": (("tap", run_of("ERROR", 0, "1..3\nok 1 - a\n"), None), 1, 1, 0),
    "tap: exit status": (("tap", run_of("ERROR", 1, "ok 1 - a\n1..1\n"), None), 1, 1, 0),
    "tap: silence": (("tap", run_of("ERROR", 1), None), 0, 1, 0),
    "tap: bail out": (
        ("tap", run_of("ERROR", 1, "ok 1\nBail out! no disk\n1..2\n"), None),
        1,
        1,
        0,
    ),
    "tap: a line that only begins like a case": (
        ("tap", run_of("OK", 0, "okay\nok 1 - a\n1..1\n"), None),
        1,
        0,
        0,
    ),
    "exit status: good": (("exitcode", run_of("OK"), None), 1, 0, 0),
    "exit status: bad": (("exitcode", run_of("FAIL", 1), None), 0, 1, 0),
    "exit status: 77": (("exitcode", run_of("SKIP", 77), None), 0, 0, 1),
    "meson never ran it": (("gtest", None, None), 0, 1, 0),
}

report = Report()
for name, (arguments, *expected) in TABLE.items():
    outcomes = [case.outcome for case in cases_of_test(*arguments)]
    counted = [outcomes.count(outcome) for outcome in (PASSED, FAILED, SKIPPED)]
    report.check(name, [] if counted == expected else [f"{counted}, should be {expected}"])
died = cases_of_test("gtest", run_of("FAIL", -11, DIED, "SUMMARY: AddressSanitizer"), None)[-1]
report.check(
    "the case a program died in is named, with what it printed",
    [] if died.name == "A.Dies" and "SUMMARY: AddressSanitizer" in died.details else [str(died)],
)
why = cases_of_test("tap", run_of("FAIL", 1, "not ok 1 - a\n# why\n1..1\n"), None)[0]
report.check(
    "a script's diagnostics stay with their case", [] if why.details == ["why"] else [str(why)]
)
sys.exit(report.finish())
