"""Every rule must find a breach where there is one, and none in a tree without."""
import os
import sys
import tempfile

import rules
from message_table import message_table
from rules import Tree
from tap import Report

# A table of messages and two of its rows.
TABLE = "# protocol\n\n| Message |\n|---|\n{}{}"
STARTUP = "| StartupMessage |  | frontend | writes | reads | `Sync.IsWritten` |\n"
SYNC = "| Sync | `S` | frontend | writes | reads | `Sync.IsWritten`, `Sync.IsRead` |\n"
FORMAT = "BasedOnStyle: Google\nColumnLimit: 100\n"
CLEAN = {
    ".clang-format": FORMAT,
    "meson.build": "project('pgreactor', 'cpp',\n  version: '1.2.3')\n",
    "CHANGELOG.md": "# Changes\n\n## 1.2.3 (unreleased)\n",
    "include/pgreactor/vocabulary/oid.hpp": "#pragma once\n#include <cstdint>\n",
    "include/pgreactor/task.hpp": "#pragma once\n#include <pgreactor/vocabulary/oid.hpp>\n",
    "protocol/README.md": TABLE.format(STARTUP, SYNC),
    "protocol/frame.hpp": "#pragma once\n#include \"protocol/writer.hpp\"\n\n"
    "enum class FrontendTag : char {\n  sync = 'S',\n};\n"
    "void encode(Writer& out, const StartupMessage& message);\nvoid encode(Writer& out, Sync);\n",
    "protocol/scram.cpp": '#include "protocol/scram.hpp"\n\n#include <openssl/evp.h>\n',
    "protocol/scram.hpp": "#pragma once\n#include <pgreactor/vocabulary/oid.hpp>\n"
    '// system("ls") in a comment, \'"\' and a clock: time(nullptr)\n',
    "src/reactor/README.md": "# reactor\n",
    "src/reactor/loop.cpp": "#include <uv.h>\n\n#include <pgreactor/task.hpp>\n",
    "src/pool/README.md": "# pool\n",
    "src/pool/pool.cpp": '#include "src/reactor/loop.hpp"\n\nint later(int time);\n',
    "tests/pool/pool_test.cpp": '#include "src/pool/pool.hpp"\n\n#include <gtest/gtest.h>\n\n'
    "TEST(Sync, IsWritten) {}\nTEST_F(Sync, IsRead) {}\n",
}


def function_of(lines):
    return "int f(int value) {\n" + "  ++value;\n" * (lines - 3) + "  return value;\n}\n"


def method_of(lines):
    return (
        "namespace n {\nstruct S {\n  std::function<int()> g{[] { return 1; }};\n"
        "  int f(int value) noexcept {\n"
        + "    ++value;\n" * (lines - 3)
        + "    return value;\n  }\n};\n}  // namespace n\n"
    )


# rule: [(what is wrong, the file, its text)]
BREACHES = {
    rules.directions: [
        (
            "vocabulary includes values",
            "include/pgreactor/vocabulary/a.hpp",
            "#include <pgreactor/values/b.hpp>\n",
        ),
        (
            "values include the public rest",
            "include/pgreactor/values/a.hpp",
            "#include <pgreactor/task.hpp>\n",
        ),
        ("detail includes libuv", "include/pgreactor/detail/a.hpp", "#include <uv.h>\n"),
        (
            "a public header includes OpenSSL",
            "include/pgreactor/a.hpp",
            "#include <openssl/ssl.h>\n",
        ),
        (
            "a public header includes a private one",
            "include/pgreactor/a.hpp",
            '#include "protocol/frame.hpp"\n',
        ),
        ("the codec includes libuv", "protocol/a.cpp", "#include <uv.h>\n"),
        ("the codec includes sockets", "protocol/a.cpp", "#include <sys/socket.h>\n"),
        ("the codec includes the reactor", "protocol/a.cpp", '#include "src/reactor/loop.hpp"\n'),
        (
            "the codec includes a coroutine header",
            "protocol/a.cpp",
            "#include <pgreactor/task.hpp>\n",
        ),
        ("the codec includes TLS", "protocol/scram.cpp", "#include <openssl/ssl.h>\n"),
        ("digests outside of SCRAM", "protocol/frame.cpp", "#include <openssl/evp.h>\n"),
        ("the reactor includes the codec", "src/reactor/a.cpp", '#include "protocol/frame.hpp"\n'),
        (
            "a connection includes the pool",
            "src/connection/a.cpp",
            '#include "src/pool/pool.hpp"\n',
        ),
        ("a connection includes libuv", "src/connection/a.cpp", "#include <uv.h>\n"),
        ("the pool includes the codec", "src/pool/a.cpp", '#include "protocol/frame.hpp"\n'),
        (
            "the throw-away server includes the pool",
            "src/testing/a.cpp",
            '#include "src/pool/pool.hpp"\n',
        ),
        ("one island includes another", "src/schema/a.cpp", '#include "src/operator/o.hpp"\n'),
        (
            "the command line includes the service",
            "src/cli/a.cpp",
            '#include "src/service/s.hpp"\n',
        ),
        (
            "test support includes the connection",
            "tests/support/a.cpp",
            '#include "src/connection/c.hpp"\n',
        ),
        (
            "an example includes a private header",
            "examples/a.cpp",
            '#include "src/pool/pool.hpp"\n',
        ),
        ("an unknown folder of src", "src/elsewhere/a.cpp", "#include <vector>\n"),
        ("a path that is not from the top", "src/pool/a.cpp", '#include "pool.hpp"\n'),
        ("a public header in quotes", "src/pool/a.cpp", '#include "pgreactor/task.hpp"\n'),
    ],
    rules.file_length: [
        ("a source of 401 lines", "src/pool/a.cpp", "\n" * 401),
        ("a test of 601 lines", "tests/pool/a.cpp", "\n" * 601),
    ],
    rules.function_length: [
        ("a function of 71 lines", "src/pool/a.cpp", function_of(71)),
        ("a member function of 71 lines", "src/pool/a.cpp", method_of(71)),
        (
            "a function template of 71 lines",
            "src/pool/a.cpp",
            "template <class T>\n" + function_of(70),
        ),
        (
            "a function that returns a struct, of 71 lines",
            "src/pool/a.cpp",
            "struct S " + function_of(71)[4:],
        ),
        (
            "a test of 71 lines",
            "tests/pool/a.cpp",
            function_of(71).replace("int f(int value)", "TEST(A, B)"),
        ),
    ],
    rules.top_level: [("a file at the top", "notes.txt", "")],
    rules.names: [
        ("a file called after nothing", "src/pool/pool_util.cpp", ""),
        ("a folder called after nothing", "src/common/a.cpp", ""),
        ("a header without #pragma once", "src/pool/a.hpp", "#include <vector>\n"),
    ],
    rules.no_shell: [
        ("system()", "src/pool/a.cpp", 'int f() { return std::system("ls"); }\n'),
        ("popen()", "src/pool/a.cpp", 'auto* f() { return popen("ls", "r"); }\n'),
        ("/bin/sh", "src/pool/a.cpp", 'const char* shell = "/bin/sh";\n'),
    ],
    rules.no_clock: [
        (
            "a chrono clock",
            "protocol/a.cpp",
            "auto f() { return std::chrono::steady_clock::now(); }\n",
        ),
        ("time()", "protocol/a.cpp", "auto f() { return time(nullptr); }\n"),
    ],
    rules.readmes: [("a folder without a README", "src/connection/a.cpp", "\n")],
    message_table: [
        ("a message without a row", "protocol/README.md", TABLE.format(SYNC, "")),
        (
            "a type byte without a row",
            "protocol/README.md",
            TABLE.format(STARTUP, SYNC.replace("`S`", "")),
        ),
        (
            "a row without a message",
            "protocol/README.md",
            TABLE.format(STARTUP, SYNC) + STARTUP.replace("Startup", "Shutdown"),
        ),
        (
            "a row whose test does not exist",
            "protocol/README.md",
            TABLE.format(STARTUP, SYNC.replace("IsRead", "IsGone")),
        ),
        (
            "a row without a test",
            "protocol/README.md",
            TABLE.format(STARTUP.replace("`Sync.IsWritten`", "none"), SYNC),
        ),
    ],
    rules.release_notes: [
        ("a version without a heading", "CHANGELOG.md", "# Changes\n\n## 1.2.2\n")
    ],
    rules.formatting: [("two spaces", "src/pool/a.cpp", "int  value;\n")],
}
# What the limits still allow, and what only looks like a breach.
ALLOWED = [
    ("a source of 400 lines", rules.file_length, "src/pool/a.cpp", "\n" * 400),
    ("a function of 70 lines", rules.function_length, "src/pool/a.cpp", function_of(70)),
    ("a member function of 70 lines", rules.function_length, "src/pool/a.cpp", method_of(70)),
    (
        "a long class behind a requires clause",
        rules.function_length,
        "src/pool/a.cpp",
        "template <class T>\n  requires(sizeof(T) > 1)\nstruct S<T> {\n"
        + "  int f(int a) { return a; }\n" * 80
        + "};\n",
    ),
    (
        "braces in literals",
        rules.function_length,
        "src/pool/a.cpp",
        'int f() {\n  return \'{\' + "{"[0] + R"x({)")x"[0] + 1\'000;\n}\n'
        + "\n" * 80
        + "int g();\n",
    ),
    (
        "a function called file_system()",
        rules.no_shell,
        "src/pool/a.cpp",
        "int f() { return file_system(); }\n",
    ),
]


def tree_of(folder, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)
    return Tree(folder)


def breaches_in(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        return rule(tree_of(folder, files))


report = Report()
for name, rule in rules.RULES:
    report.check(f"{name}: silent about a clean tree", breaches_in(rule, CLEAN))
    if not BREACHES.get(rule):
        report.check(f"{name}: has a fixture", ["no breach of this rule is tried"])
for rule, fixtures in BREACHES.items():
    for what, path, text in fixtures:
        found = breaches_in(rule, {**CLEAN, path: text})
        expected = os.path.dirname(path) if rule is rules.readmes else path
        named = len(found) == 1 and found[0].startswith(expected) and ":" in found[0]
        report.check(f"{rule.__name__} finds {what}", [] if named else [f"it said: {found}"])
for what, rule, path, text in ALLOWED:
    report.check(f"{rule.__name__} allows {what}", breaches_in(rule, {**CLEAN, path: text}))
sys.exit(report.finish())
