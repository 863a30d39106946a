"""headers.py INCLUDE -- COMPILER...: a test case per public header, which must compile alone.

A header must not rest on what somebody included before it, must give no warning as the main file of
a user who has them all on, and must not define what two files of a program then define twice.
"""
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from tap import Report


def compile_text(compiler, include, text, *options):
    """What the compiler says about a file of this text; nothing when all is well."""
    run = subprocess.run(
        [*compiler, f"-I{include}", "-x", "c++", *options, "-"],
        check=False,
        input=text,
        capture_output=True,
        text=True,
    )
    return [run.stderr or f"exit status {run.returncode}"] if run.returncode else []


def alone(compiler, include, header):
    """Included twice, so that a missing #pragma once shows."""
    line = f"#include <{header}>\n"
    return compile_text(compiler, include, line + line, "-fsyntax-only")


def together(compiler, include, headers):
    """Two files that include every header, linked: a definition that is not inline clashes."""
    text = "".join(f"#include <{header}>\n" for header in headers)
    with tempfile.TemporaryDirectory() as folder:
        objects = [os.path.join(folder, name) for name in ("one.o", "two.o")]
        for path in objects:
            faults = compile_text(compiler, include, text, "-fPIC", "-O0", "-c", "-o", path)
            if faults:
                return faults
        # A relocatable link resolves nothing, yet refuses a symbol that both define.
        run = subprocess.run(
            [*compiler, "-r", "-nostdlib", "-o", os.path.join(folder, "both.o"), *objects],
            check=False,
            capture_output=True,
            text=True,
        )
        return [run.stderr] if run.returncode else []


def check_the_check(report, compiler):
    """Headers that break the rules must be found out."""
    broken = {
        "needs.hpp": "#pragma once\ninline std::string needs() { return {}; }\n",
        "warns.hpp": "#pragma once\ninline int warns(long wide) { return wide; }\n",
        "twice.hpp": "struct Twice {};\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {
            **broken,
            "clash.hpp": "#pragma once\nint clash() { return 1; }\n",
        }.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        for name in broken:
            found = alone(compiler, folder, name)
            report.check(
                f"a header that breaks the rule is found: {name}",
                [] if found else ["it was accepted"],
            )
        found = together(compiler, folder, ["clash.hpp"])
        report.check(
            "a definition that is not inline is found", [] if found else ["it was accepted"]
        )


def main(include, compiler):
    headers = sorted(
        os.path.relpath(os.path.join(folder, name), include)
        for folder, _, names in os.walk(include)
        for name in names
        if name.endswith(".hpp")
    )
    report = Report()
    check_the_check(report, compiler)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as workers:
        results = workers.map(lambda header: alone(compiler, include, header), headers)
        for header, faults in zip(headers, results):
            report.check(header, faults)
    report.check("all headers in two files of one program", together(compiler, include, headers))
    return report.finish()


if __name__ == "__main__":
    split = sys.argv.index("--")
    sys.exit(main(sys.argv[1:split][0], sys.argv[split + 1 :]))
