//===- Npz.h - numpy's archives of arrays -----------------------*- C++ -*-===//
//
// A `.npz` is a zip file of `.npy` members, stored or deflated. What is read is
// not trusted: a member takes no more memory than the archive can hold.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_TOOLS_NACRE_IO_NPZ_H
#define NACRE_TOOLS_NACRE_IO_NPZ_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nacre::io {

/// Names (without ".npy") and the bytes of their `.npy`, in archive order.
using NpzMembers = std::vector<std::pair<std::string, std::string>>;

/// False with one line in `error` if this is no such archive.
bool readNpz(std::string_view bytes, NpzMembers &members, std::string &error);
/// Stored, as `numpy.savez` writes it. Below 4 GiB; else false.
bool writeNpz(const NpzMembers &members, std::string &bytes,
              std::string &error);

} // namespace nacre::io

#endif // NACRE_TOOLS_NACRE_IO_NPZ_H
