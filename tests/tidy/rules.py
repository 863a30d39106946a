"""The rules about sources. Each takes the tree and gives a sentence "file:line: ..." per breach."""
import os
import re
import subprocess

from cpp_text import blank, functions
from layers import includes_of
from message_table import message_table

FILE_LIMIT, TEST_FILE_LIMIT, FUNCTION_LIMIT = 400, 600, 70
# Fixed part of the tree; dot files may stand beside these.
TOP_LEVEL = {
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "meson.build",
    "meson_options.txt",
    "include",
    "protocol",
    "src",
    "bench",
    "tests",
    "examples",
    "subprojects",
}
SOURCE_FOLDERS = ("include", "protocol", "src", "bench", "tests", "examples")
LIBRARY = ("include/", "protocol/", "src/")
EMPTY_WORDS = {"util", "utils", "common", "helper", "helpers", "misc"}


class Tree:
    """The files under a root, read once."""

    def __init__(self, root):
        self.root = root
        self.files = []  # every path below the source folders, relative to the root
        for folder in SOURCE_FOLDERS:
            for path, folders, names in os.walk(os.path.join(root, folder)):
                folders[:] = sorted(
                    name for name in folders if not name.startswith((".", "__pycache__"))
                )
                self.files += [
                    os.path.relpath(os.path.join(path, name), root) for name in sorted(names)
                ]
        self.sources = {}
        for path in self.files:
            if path.endswith((".cpp", ".hpp")):
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    self.sources[path] = file.read()


def directions(tree):
    return [breach for path, text in tree.sources.items() for breach in includes_of(path, text)]


def file_length(tree):
    breaches = []
    for path, text in tree.sources.items():
        limit = TEST_FILE_LIMIT if path.startswith("tests/") else FILE_LIMIT
        lines = text.count("\n")
        if lines > limit:
            breaches.append(f"{path}:{limit + 1}: {lines} lines, the limit is {limit}")
    return breaches


def function_length(tree):
    return [
        f"{path}:{first}: {name} has {last - first + 1} lines, the limit is {FUNCTION_LIMIT}"
        for path, text in tree.sources.items()
        for name, first, last in functions(text)
        if last - first + 1 > FUNCTION_LIMIT
    ]


def top_level(tree):
    return [
        f"{name}:1: does not belong at the top of the tree"
        for name in sorted(os.listdir(tree.root))
        if name not in TOP_LEVEL and not name.startswith(".")
    ]


def names(tree):
    """Names that say nothing, and headers without #pragma once."""
    breaches = [
        f"{path}:1: is called after nothing: what is in it?"
        for path in tree.files
        if EMPTY_WORDS & set(re.split(r"[/_.]", path))
    ]
    breaches += [
        f"{path}:1: does not begin with #pragma once"
        for path, text in tree.sources.items()
        if path.endswith(".hpp") and not blank(text).lstrip().startswith("#pragma once")
    ]
    return breaches


SHELL = re.compile(r"\b(system|popen|execlp?|wordexp)\s*\(|\"(/usr)?/bin/(ba|da)?sh\"")


def no_shell(tree):
    """Child processes get an array of arguments: a shell would parse what a user wrote."""
    return [
        f"{path}:{number}: hands a command to a shell"
        for path, text in tree.sources.items()
        if path.startswith(LIBRARY)
        for number, line in enumerate(blank(text, keep_strings=True).splitlines(), 1)
        if SHELL.search(line)
    ]


CLOCK = re.compile(
    r"_clock::now|\b(clock_gettime|gettimeofday|time|clock)\s*\(\s*(nullptr|NULL|0|CLOCK_\w+|&)?"
)


def no_clock(tree):
    """Time enters protocol/ as an argument, so that a test can say what time it is."""
    return [
        f"{path}:{number}: reads a clock"
        for path, text in tree.sources.items()
        if path.startswith("protocol/")
        for number, line in enumerate(blank(text).splitlines(), 1)
        if CLOCK.search(line)
    ]


def readmes(tree):
    folders = {
        os.path.dirname(path) for path in tree.sources if path.startswith(("protocol/", "src/"))
    } - {"src"}
    return [
        f"{folder}/README.md:1: is missing"
        for folder in sorted(folders)
        if folder + "/README.md" not in tree.files
    ]


def release_notes(tree):
    """The changes of the version in meson.build have a heading."""
    with open(os.path.join(tree.root, "meson.build"), encoding="utf-8") as file:
        version = re.search(r"version: '([^']+)'", file.read())[1]
    with open(os.path.join(tree.root, "CHANGELOG.md"), encoding="utf-8") as file:
        headings = re.findall(r"^## (\S+)", file.read(), re.M)
    return [] if version in headings else [f"CHANGELOG.md:1: has no heading for version {version}"]


def formatting(tree):
    """clang-format-19 would change nothing."""
    if not tree.sources:
        return []
    run = subprocess.run(
        ["clang-format-19", "--dry-run", "-Werror", "--ferror-limit=1", *tree.sources],
        cwd=tree.root,
        check=False,
        capture_output=True,
        text=True,
    )
    complaints = [line for line in run.stderr.splitlines() if ": error:" in line]
    return complaints or ([run.stderr] if run.returncode else [])


RULES = [
    ("includes point downwards", directions),
    ("source files have at most 400 lines, tests 600", file_length),
    ("functions have at most 70 lines", function_length),
    ("nothing stray at the top of the tree", top_level),
    ("names say something, headers have #pragma once", names),
    ("no command goes through a shell", no_shell),
    ("the codec reads no clock", no_clock),
    ("every folder of protocol and src has a README", readmes),
    ("protocol's table of messages is true", message_table),
    ("CHANGELOG.md knows the version", release_notes),
    ("clang-format agrees", formatting),
]
