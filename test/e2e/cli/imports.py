#!/usr/bin/env python3
"""imports.py MODEL.so...: fails if a model imports anything but functions of libc and libm that every system has;
a helper of a compiler (libgcc, compiler-rt) is none."""
import subprocess
import sys

ALLOWED = set("""
    memcpy memmove memset memcmp
    acos acosf acosh acoshf asin asinf asinh asinhf atan atanf atan2 atan2f atanh atanhf cbrt cbrtf ceil ceilf cos cosf
    cosh coshf erf erff erfc erfcf exp expf exp2 exp2f expm1 expm1f floor floorf fma fmaf fmax fmaxf fmin fminf fmod
    fmodf ldexp ldexpf lgamma lgammaf log logf log10 log10f log1p log1pf log2 log2f nearbyint nearbyintf pow powf rint
    rintf round roundf roundeven roundevenf sin sinf sinh sinhf sqrt sqrtf tan tanf tanh tanhf tgamma tgammaf trunc truncf
    """.split())


def forbidden(symbols):
    return sorted(name for name in symbols if name.split("@")[0] not in ALLOWED)


def imports(path):
    done = subprocess.run(["nm", "-D", "-u", path], stdout=subprocess.PIPE, text=True, check=True)
    return [line.split()[-1] for line in done.stdout.splitlines() if line.strip()]


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 0 if forbidden(["__truncsfbf2", "memcpy@GLIBC_2.14", "malloc"]) == ["__truncsfbf2", "malloc"] else 1
    bad = {path: forbidden(imports(path)) for path in sys.argv[1:]}
    for path, names in bad.items():
        if names:
            print(f"{path}: imports {', '.join(names)}", file=sys.stderr)
    return 1 if any(bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
