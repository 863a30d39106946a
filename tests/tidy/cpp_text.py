"""As much of C++ as the rules need: text without comments and literals, and its functions."""
import re

TOKEN = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<fence>[^()\s\\]{0,16})\(.*?\)(?P=fence)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)


def blank(text, keep_strings=False):
    """The text with blanks for comments (and literals); lines and columns stay where they were."""

    def white(match):
        token = match[0]
        if keep_strings and not token.startswith("/"):
            return token
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(white, text)


CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")


def without_groups(head):
    """What stands before a brace, without (...) and without the <...> of template headers."""
    shorter = ""
    while shorter != head:
        shorter, head = head, re.sub(r"\([^()]*\)", "", head)
    kept, depth, position = [], 0, 0
    while position < len(head):
        header = re.compile(r"template\s*<").match(head, position) if depth == 0 else None
        if header:
            depth, position = 1, header.end()
            continue
        if depth:
            depth += {"<": 1, ">": -1}.get(head[position], 0)
        else:
            kept.append(head[position])
        position += 1
    return "".join(kept)


def kind_of(head):
    """What a brace opens that stands outside of functions."""
    if CONTAINER.search(without_groups(head)) and not head.rstrip().endswith(")"):
        return "container"
    return "function" if "(" in head else "block"


def functions(text):
    """(name, first line, last line) of every outermost function in code that is formatted."""
    code = re.sub(
        r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*",
        lambda m: re.sub(r"[^\n]", " ", m[0]),
        blank(text),
        flags=re.M,
    )
    found, scopes, start = [], [], 0
    for position, character in enumerate(code):
        if character == "{":
            head = code[start:position]
            if any(kind == "function" for kind, _, _ in scopes):
                kind = "block"
            else:
                kind = kind_of(head)
            scopes.append((kind, head.strip(), start + len(head) - len(head.lstrip())))
            start = position + 1
        elif character == "}":
            if scopes:
                kind, head, begin = scopes.pop()
                if kind == "function":
                    first, last = code.count("\n", 0, begin) + 1, code.count("\n", 0, position) + 1
                    name = re.search(r"([~\w:]+)\s*\(", head)
                    found.append((name[1] if name else head[:40], first, last))
            start = position + 1
        elif character == ";":
            start = position + 1
    return found
