#!/usr/bin/env python3
"""Fails when an #include crosses a boundary that rules.txt does not open.

Run by CTest from the root of the repository: tests/layering/check.py [RULES [ROOT]]
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^#include "([^"]+)"')
CHECKED = ("common", "supervisor", "worker")


def read_rules(path):
    """{folder or file: set of folders it may include from}"""
    rules = {}
    allowed = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.split("#")[0]
        if not text.strip():
            continue
        if not text[0].isspace():
            owner, colon, text = text.partition(":")
            if not colon:
                sys.exit(f"{path}:{number}: a line must be FOLDER: FOLDER...")
            allowed = rules.setdefault(owner, {owner})
        allowed.update(text.split())
    return rules


def owner_of(file, folders):
    """The longest of the folders (or files) that the file is in; None when there is none."""
    candidates = [file, *map(str, pathlib.PurePosixPath(file).parents)]
    return next((each for each in candidates if each in folders), None)


def violations(root, rules):
    """(place, complaint) of each include that no rule allows."""
    for folder in CHECKED:
        for source in sorted((root / folder).rglob("*.[ch]pp")):
            name = source.relative_to(root).as_posix()
            owner = owner_of(name, rules)
            if owner is None:
                yield name, "is in a folder that rules.txt does not know"
                continue
            for number, line in enumerate(source.read_text().splitlines(), 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                target = owner_of(found[1], rules)
                if target not in rules[owner]:
                    yield f"{name}:{number}", f"{owner} may not know {found[1]}"
                elif not (root / found[1]).is_file():
                    yield f"{name}:{number}", f"there is no {found[1]}"


def main():
    here = pathlib.Path(__file__).resolve().parent
    rules = read_rules(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "rules.txt")
    root = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else here.parent.parent
    found = list(violations(root, rules))
    for place, complaint in found:
        print(f"{place}: {complaint}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
