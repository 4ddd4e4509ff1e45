#!/usr/bin/env python3
"""Checks that what is generated from the rule table is up to date; --update writes it.

docs/operators.md: every ONNX operator with an import rule.
README.md: how many there are per domain."""
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NACRE = pathlib.Path(os.environ.get("NACRE_BUILD", ROOT / "build")) / "bin/nacre"


def operators():
    """The page of operators, and their number by domain."""
    table = subprocess.run([NACRE, "ops", "--markdown"], check=True, stdout=subprocess.PIPE, text=True).stdout
    page = ("# Operators\n\nWritten by `tools/dev/check-generated.py --update` from `nacre ops`. A form of an operator holds from its\n"
            "opset up to the next one. Operators that ONNX or a model defines as functions of these need no rule.\n\n" + table)
    counts = {}
    for section in re.split(r"^## ", table, flags=re.MULTILINE)[1:]:
        counts[section.split("\n", 1)[0]] = section.count("\n| ") - 1
    return page, counts


def readme(counts):
    """The README with its table of operators made anew."""
    rows = "".join(f"| {domain} | {count} |\n" for domain, count in counts.items())
    text = (ROOT / "README.md").read_text()
    return re.sub(r"(\| domain \| operators \|\n\|---\|---\|\n)(\|.*\n)*", lambda found: found[1] + rows, text)


def main():
    page, counts = operators()
    stale = []
    for path, text in ((ROOT / "docs/operators.md", page), (ROOT / "README.md", readme(counts))):
        if not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROOT))
            if "--update" in sys.argv[1:]:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
    if stale and "--update" not in sys.argv[1:]:
        print("out of date, run tools/dev/check-generated.py --update:", *stale)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
