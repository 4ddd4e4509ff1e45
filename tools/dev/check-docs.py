#!/usr/bin/env python3
"""Checks that documentation in TableGen is whole and that its labels are real.

Ops:    a description is a table with the rows below; an error label (En) stands
        beside the code that reports it and has a test @<op>_e<n>.
Passes: a description says what it requires, ensures, keeps exact and misses.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LLVM = pathlib.Path("/usr/lib/llvm-22")
ROWS = {"graph": ["Computes", "Dtypes", "Source"]}  # others: Computes
PASS_LINES = ["Requires:", "Ensures:", "Exact:", "Misses:"]
errors = []


def records(td):
    """The records of a TableGen file by the classes they are made from."""
    done = subprocess.run([LLVM / "bin/llvm-tblgen", "--dump-json", f"-I{ROOT}", f"-I{LLVM}/include", td],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{td}: {done.stderr}")
    return json.loads(done.stdout)


def instances(td, class_name):
    everything = records(td)
    return [everything[name] for name in everything["!instanceof"].get(class_name, [])]


def label_comments(text):
    return {int(n) for comment in re.findall(r"//.*", text) for n in re.findall(r"\bE(\d+)\b", comment)}


def reported_labels(folder):
    """Labels in comments, by the C++ class whose member function has them.

    A shared function counts for the classes that a macro or a call hands to it,
    so labels outside of members count for every class of their file."""
    by_class, files = {}, {}
    for source in sorted(folder.glob("*.cpp")):
        text = source.read_text()
        members = list(re.finditer(r"^[\w:<>]+ ?\n?(\w+)::\w+\([^;]*?\{\n.*?^\}\n", text, re.MULTILINE | re.DOTALL))
        shared = label_comments(re.sub(r"^[\w:<>]+ (\w+Op)::\w+\([^;]*?\{\n.*?^\}\n", "", text,
                                       flags=re.MULTILINE | re.DOTALL))
        for member in members:
            by_class.setdefault(member[1], set()).update(label_comments(member[0]))
        for name in re.findall(r"\b(\w+Op)\b", text):
            files.setdefault(name, set()).update(shared)
    return by_class, files


def check_ops(folder):
    dialect = folder.name
    td = folder / f"{dialect.capitalize()}Ops.td"
    invalid = "".join(path.read_text() for path in folder.glob("test/*-invalid.mlir"))
    by_class, shared = reported_labels(folder)
    for op in instances(td, "Op"):
        mnemonic, text = op["opName"], op["description"]
        is_terminator = any(trait["def"] in ("Terminator", "IsTerminator") for trait in op["traits"])
        rows = re.findall(r"^\s*\| (\w+)\s*\|", text, re.MULTILINE)
        if not (is_terminator and not text):
            for row in ROWS.get(dialect, ["Computes"]):
                if row not in rows:
                    errors.append(f"{dialect}.{mnemonic}: no row '{row}' in its description")
        if dialect not in ROWS:
            continue
        family = "add" if any(base == "Graph_ElementwiseOp" for base in op["!superclasses"]) else mnemonic
        cpp_class = op["!name"].split("_", 1)[1]
        for label in sorted({int(n) for n in re.findall(r"\(E(\d+)\)", text)}):
            if label not in by_class.get(cpp_class, set()) | shared.get(cpp_class, set()):
                errors.append(f"{dialect}.{mnemonic}: no comment 'E{label}' in the code of {cpp_class}")
            # What all elementwise ops share is tested once; their types each.
            tested = family if label == 1 else mnemonic
            if f"@{tested}_e{label}" not in invalid:
                errors.append(f"{dialect}.{mnemonic}: no test @{tested}_e{label} in {dialect}/test/*-invalid.mlir")


def check_passes(td):
    for one in instances(td, "PassBase"):
        for line in PASS_LINES:
            if not re.search(rf"^\s*{line}", one["description"], re.MULTILINE):
                errors.append(f"{td.relative_to(ROOT)}: pass '{one['argument']}' has no line '{line}'")


def main():
    for folder in sorted((ROOT / "dialects").iterdir()):
        if (folder / f"{folder.name.capitalize()}Ops.td").exists():
            check_ops(folder)
    for td in sorted((ROOT / "passes").glob("*/Passes.td")):
        check_passes(td)
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
