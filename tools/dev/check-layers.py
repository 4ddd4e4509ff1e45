#!/usr/bin/env python3
"""Fails if a file includes a header of a layer that it may not see, or names a
target outside of that target's two folders."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What each layer may include, itself apart.
MAY_SEE = {
    "runtime": [],
    "dialects": [],
    "passes": ["dialects"],
    "codegen": ["dialects"],
    "compiler": ["dialects", "passes", "codegen"],
    "tools": ["dialects", "passes", "codegen", "compiler"],
}
# Folders of codegen that every target may see.
SHARED_CODEGEN = {"target", "common", "host"}
# The names of targets are the folders themselves, plus what their vendors call them.
TARGET_WORDS = re.compile(r"\b(nvvm|cuda|vulkan|spirv|opencl|rocm)\b", re.IGNORECASE)
TARGET_HOMES = re.compile(r"^(codegen|runtime/device)/(cuda|vulkan|opencl|rocm)/")
INCLUDE = re.compile(r'\s*#?\s*include "(\w+)/(\w+)/')


def check(layer, path):
    name = path.relative_to(ROOT).as_posix()
    home = name.split("/")[1] if layer == "codegen" else None
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        found = INCLUDE.match(line)
        if found and found[1] in MAY_SEE and found[1] not in MAY_SEE[layer] + [layer]:
            yield f"{name}:{number}: {layer}/ may not include {found[1]}/"
        if found and home and found[1] == "codegen" and found[2] not in SHARED_CODEGEN | {home}:
            yield f"{name}:{number}: codegen/{home} may not include codegen/{found[2]}"
        if TARGET_WORDS.search(line) and not TARGET_HOMES.match(name):
            yield f"{name}:{number}: the name of a target outside of its folders"


def main():
    errors = [error for layer in MAY_SEE for path in sorted((ROOT / layer).rglob("*"))
              if path.suffix in (".h", ".hpp", ".c", ".cc", ".cpp", ".td") for error in check(layer, path)]
    print("\n".join(errors))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
