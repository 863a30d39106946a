"""Who may include whom: downwards only. The table of the style guide, as data."""
import re

VOCABULARY, VALUES, DETAIL = (
    "include/pgreactor/vocabulary",
    "include/pgreactor/values",
    "include/pgreactor/detail",
)
PUBLIC = "include/pgreactor"
API = {VOCABULARY, VALUES, DETAIL, PUBLIC}
LAYERS = {
    "protocol",
    "src/reactor",
    "src/connection",
    "src/pool",
    "src/service",
    "src/testing",
    "src/sync",
}
ISLANDS = {
    "src/catalogue",
    "src/operator",
    "src/store_memory",
    "src/schema",
    "src/mock",
    "src/performance",
    "src/cli",
}
ANYTHING = {"anything"}
PLATFORM, OPENSSL = {"posix", "fmt", "xxhash"}, {"openssl"}

# Module: what it may include besides itself and the standard library. A file belongs to the longest
# module that its path begins with. The platform (POSIX headers) and the two pure libraries, fmt and
# xxHash, are free to all of src.
MAY_INCLUDE = {
    VOCABULARY: set(),
    VALUES: {VOCABULARY},
    # The awaiters and the request slot stand here, and hold what they give: Result, Row, Task.
    DETAIL: {VOCABULARY, VALUES, PUBLIC},
    PUBLIC: {VOCABULARY, VALUES, DETAIL, "simdjson"},
    "protocol": {VOCABULARY, VALUES, "xxhash", "utf8proc"},
    "src": API,
    "src/reactor": API | PLATFORM | OPENSSL | {"libuv"},
    "src/connection": API | PLATFORM | {"protocol", "src/reactor"},
    "src/pool": API | PLATFORM | {"src/connection", "src/reactor"},
    "src/sync": API | PLATFORM | {"src/reactor"},
    "src/testing": API | PLATFORM | {"src/reactor"},
    "src/records": API | PLATFORM | {"simdjson"},
    "src/service": API | PLATFORM | LAYERS | ISLANDS,
    **{island: API | PLATFORM for island in ISLANDS},
    "tests/support": API | PLATFORM | {"protocol", "src/reactor", "tests/support", "gtest"},
    "examples": API,
    "tests": ANYTHING,
    "bench": ANYTHING,
}
# include/pgreactor/export.hpp is one macro and includes nothing: everything may use it.
EVERYWHERE = "pgreactor/export.hpp"
# The digests serve SCRAM and MD5 passwords, and nothing else of the codec.
DIGEST_FILES = re.compile(r"protocol/(scram|digest|sha256)[^/]*$")
DIGEST_HEADERS = re.compile(r"openssl/(evp|hmac|sha|md5|crypto|kdf|params|core_names)\.h$")
FOREIGN = [
    ("libuv", re.compile(r"uv(/.*)?\.h$")),
    ("openssl", re.compile(r"openssl/")),
    ("xxhash", re.compile(r"xxh")),
    ("utf8proc", re.compile(r"utf8proc")),
    ("fmt", re.compile(r"fmt/")),
    ("simdjson", re.compile(r"simdjson")),
    ("gtest", re.compile(r"g(test|mock)/")),
    ("benchmark", re.compile(r"benchmark/")),
    ("libpq", re.compile(r"(postgresql/)?libpq")),
    ("cli11", re.compile(r"CLI/")),
]
STANDARD = re.compile(r"[a-z_]+$")  # <vector>, <cstdint>: no dot, no slash
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def longest_module(path):
    fitting = [module for module in MAY_INCLUDE if path.startswith(module + "/")]
    return max(fitting, key=len, default=None)


def module_of(path):
    """The module of a source file, or None: a folder of src/ must have a row of its own."""
    module = longest_module(path)
    return None if module == "src" and path.count("/") > 1 else module


def included(quote, name):
    """What an #include names: "standard", a module, a library, "posix"; None for a bad path."""
    if name.startswith("pgreactor/"):
        return longest_module("include/" + name) if quote == "<" else None
    if quote == '"':
        return longest_module(name)
    if STANDARD.match(name):
        return "standard"
    return next((library for library, pattern in FOREIGN if pattern.match(name)), "posix")


def includes_of(path, text):
    """Sentences, one per line of the file that includes what it may not."""
    module = module_of(path)
    if module is None:
        return [f"{path}:1: is in no module of the table in tests/tidy/layers.py"]
    allowed = MAY_INCLUDE[module] | {module, "standard"}
    breaches = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        target = included(quote, name)
        if target is None:
            breaches.append(
                f'{path}:{number}: "{name}": a public header is <pgreactor/...>, '
                'a private one "folder/..." from the top of the tree'
            )
            continue
        permitted = (
            target in allowed
            or name == EVERYWHERE
            or allowed >= ANYTHING
            or (DIGEST_FILES.match(path) and DIGEST_HEADERS.match(name))
        )
        if not permitted:
            breaches.append(f"{path}:{number}: {module} may not include {name} ({target})")
    return breaches
