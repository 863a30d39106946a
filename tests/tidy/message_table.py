"""The table of messages in protocol/README.md says what the code does: no message without a row, no
row without a message, no row without tests that exist."""
import os
import re

TABLE = "protocol/README.md"
ROW = re.compile(r"^\| (\w+) \| (?:`(.)`)? *\| (frontend|backend|both) \|.*\|([^|]*)\|$", re.M)
TAGS = re.compile(r"enum class (Frontend|Backend)Tag : char \{(.*?)\n\};", re.S)
ENCODED = re.compile(r"^void encode\(Writer& out, (?:const )?(\w+)", re.M)
VARIANT = re.compile(r"using Authentication =\s*std::variant<(.*?)>", re.S)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.M)


def messages_of(headers):
    """The names of all messages that can be written."""
    names = {name for text in headers for name in ENCODED.findall(text)}
    for text in headers:
        for alternatives in VARIANT.findall(text):
            names.discard("Authentication")
            names |= set(re.findall(r"\w+", alternatives))
    return names


def type_bytes(headers):
    """(sender, type byte) of every enumerator."""
    return {
        (side.lower(), byte)
        for text in headers
        for side, body in TAGS.findall(text)
        for byte in re.findall(r"= '(.)'", body)
    }


def breaches_of_row(number, tests, known):
    """What is wrong with the tests that the row on this line names."""
    named = re.findall(r"`([\w.]+)`", tests)
    missing = [test for test in named if test not in known]
    return [f"{TABLE}:{number}: there is no test {test}" for test in missing] or (
        [] if named else [f"{TABLE}:{number}: names no test"]
    )


def message_table(tree):
    headers = [text for path, text in tree.sources.items() if re.match(r"protocol/\w+\.hpp", path)]
    messages, tags = messages_of(headers), type_bytes(headers)
    if not tags:
        return []
    with open(os.path.join(tree.root, TABLE), encoding="utf-8") as file:
        text = file.read()
    tests = {
        f"{suite}.{name}"
        for path, source in tree.sources.items()
        if path.startswith("tests/")
        for suite, name in TEST.findall(source)
    }
    breaches, rows, bytes_of_rows = [], set(), set()
    for row in ROW.finditer(text):
        number = text.count("\n", 0, row.start()) + 1
        name, byte, sender, named = row.groups()
        rows.add(name)
        for side in ("frontend", "backend") if sender == "both" else (sender,):
            if byte:
                bytes_of_rows.add((side, byte))
        if name not in messages:
            breaches.append(f"{TABLE}:{number}: nothing in the code writes {name}")
        breaches += breaches_of_row(number, named, tests)
    breaches += [f"{TABLE}:1: has no row for {name}" for name in sorted(messages - rows)]
    for side, byte in sorted(tags ^ bytes_of_rows):
        found = "row" if (side, byte) in tags else "type byte in frame.hpp"
        breaches.append(f"{TABLE}:1: has no {found} for '{byte}' of the {side}")
    return breaches
