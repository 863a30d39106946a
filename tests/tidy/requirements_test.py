"""The list of requirements: none may seem proved that no test names."""
import sys

from requirements import check
from tap import Report

TABLE = "# Requirements\n\n| Id | Demands |\n|---|---|\n| W1 | sizes |\n| W2 | sums |\n"
ONE = "// Requirement: W1\nTEST(Size, IsChecked) {\n}\n"


# what: sources by path, the tests of W1 and W2, faults (a part of each)
CASES = {
    "a claim counts for the test below it": ({"t.cpp": ONE}, [1, 0], []),
    "two in one line": ({"t.cpp": ONE.replace("W1", "W1, W2")}, [1, 1], []),
    "two tests of one": ({"a.cpp": ONE, "b.cpp": ONE}, [2, 0], []),
    "a comment around it": (
        {"t.cpp": "// Why.\n" + ONE.replace("\n", "\n// And why.\n", 1)},
        [1, 0],
        [],
    ),
    "fixtures and parameters": (
        {"t.cpp": ONE.replace("TEST(", "TEST_F(") + ONE.replace("TEST(", "TEST_P(")},
        [2, 0],
        [],
    ),
    "a name on the next line": (
        {"t.cpp": ONE.replace("Size, IsChecked", "Size,\n     IsChecked")},
        [1, 0],
        [],
    ),
    "none that exists": ({"t.cpp": ONE.replace("W1", "W3")}, [0, 0], ["names W3"]),
    "no test below": (
        {"t.cpp": "// Requirement: W1\nint f();\n"},
        [0, 0],
        ["t.cpp:2: a requirement"],
    ),
    "a line between": ({"t.cpp": ONE.replace("\n", "\n\n", 1)}, [0, 0], ["t.cpp:2: a requirement"]),
    "the end of the file below": (
        {"t.cpp": "// Requirement: W1\n"},
        [0, 0],
        ["t.cpp:1: a requirement"],
    ),
    "a mention is no claim": ({"t.cpp": ONE.replace("Requirement: ", "as in ")}, [0, 0], []),
}

report = Report()
for name, (sources, expected, parts) in CASES.items():
    proofs, faults = check(TABLE, sources)
    counts = [len(tests) for _, tests in proofs.values()]
    good = counts == expected and len(faults) == len(parts)
    good = good and all(part in fault for part, fault in zip(parts, faults))
    report.check(name, [] if good else [f"{counts} {faults}"])
report.check("a table without rows", [] if check("", {})[1] else ["it was accepted"])
sys.exit(report.finish())
