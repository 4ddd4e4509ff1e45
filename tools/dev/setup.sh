#!/usr/bin/env bash
# Installs what Nacre builds with, from Debian 12's own packages, and the packages
# that the arguments name. Does nothing if all of it is there.
set -euo pipefail
packages=(
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools clang-22 lld-22
  liblld-22-dev mold ccache cmake ninja-build g++ python3 python3-numpy
  libprotobuf-dev protobuf-compiler libonnx-dev python3-onnx libonnx-testdata
  libgtest-dev libpng-dev zlib1g-dev python3-pip unzip
  pocl-opencl-icd ocl-icd-libopencl1 "$@")
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
