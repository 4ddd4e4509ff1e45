#include "tools/nacre/io/Npz.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <zlib.h>

namespace nacre::io {

// Signatures and the sizes of the fixed parts (PKWARE APPNOTE 6.3, section 4.3).
static constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50,
                          kEnd = 0x06054b50;
static constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22;
/// Deflate makes at most 1032 bytes of one.
static constexpr uint64_t kMaxRatio = 1032;

namespace {

/// The little-endian number of `width` bytes at `offset`; 0 beyond the end.
uint64_t numberAt(std::string_view bytes, size_t offset, unsigned width) {
  uint64_t value = 0;
  if (offset <= bytes.size() && bytes.size() - offset >= width)
    for (unsigned i = width; i-- > 0;)
      value = value << 8 | uint8_t(bytes[offset + i]);
  return value;
}

void append(std::string &out, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i)
    out += char(value >> (8 * i) & 0xff);
}

struct Member {
  std::string_view name;
  uint64_t method = 0, crc = 0, packed = 0, size = 0, local = 0;
};

/// The record of the central directory at `offset`, which moves behind it.
bool readCentral(std::string_view bytes, size_t &offset, Member &member) {
  if (numberAt(bytes, offset, 4) != kCentral)
    return false;
  member.method = numberAt(bytes, offset + 10, 2);
  member.crc = numberAt(bytes, offset + 16, 4);
  member.packed = numberAt(bytes, offset + 20, 4);
  member.size = numberAt(bytes, offset + 24, 4);
  member.local = numberAt(bytes, offset + 42, 4);
  size_t name = numberAt(bytes, offset + 28, 2),
         extra = numberAt(bytes, offset + 30, 2),
         comment = numberAt(bytes, offset + 32, 2);
  offset += kCentralSize;
  if (offset > bytes.size() || bytes.size() - offset < name + extra + comment)
    return false;
  member.name = bytes.substr(offset, name);
  offset += name + extra + comment;
  return true;
}

/// The packed bytes of a member, which its local header stands before.
bool findData(std::string_view bytes, const Member &member,
              std::string_view &data) {
  if (numberAt(bytes, member.local, 4) != kLocal)
    return false;
  uint64_t start = member.local + kLocalSize +
                   numberAt(bytes, member.local + 26, 2) +
                   numberAt(bytes, member.local + 28, 2);
  if (start > bytes.size() || bytes.size() - start < member.packed)
    return false;
  data = bytes.substr(start, member.packed);
  return true;
}

bool inflateAll(std::string_view data, std::string &out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
    return false;
  constexpr size_t step = 1u << 30;
  size_t taken = 0, made = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    size_t in = std::min(step, data.size() - taken),
           room = std::min(step, out.size() - made);
    stream.next_in =
        reinterpret_cast<Bytef *>(const_cast<char *>(data.data())) + taken;
    stream.avail_in = uInt(in);
    stream.next_out = reinterpret_cast<Bytef *>(out.data()) + made;
    stream.avail_out = uInt(room);
    code = inflate(&stream, Z_NO_FLUSH);
    taken += in - stream.avail_in;
    made += room - stream.avail_out;
  }
  inflateEnd(&stream);
  return code == Z_STREAM_END && made == out.size();
}

uint32_t checksum(std::string_view bytes) {
  return uint32_t(crc32_z(
      0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

bool unpack(std::string_view bytes, const Member &member, std::string &out) {
  std::string_view data;
  if (!findData(bytes, member, data))
    return false;
  if (member.method == 0) {
    if (member.packed != member.size)
      return false;
    out = data;
  } else {
    if (member.method != 8 || member.size / kMaxRatio > member.packed)
      return false;
    out.resize(member.size);
    if (!inflateAll(data, out))
      return false;
  }
  return checksum(out) == member.crc;
}

/// Where the record of the archive's end starts; npos if there is none.
size_t findEnd(std::string_view bytes) {
  constexpr size_t longestComment = 65535;
  if (bytes.size() < kEndSize)
    return std::string_view::npos;
  size_t last = bytes.size() - kEndSize;
  for (size_t at = last + 1; at-- > 0 && last - at <= longestComment;)
    if (numberAt(bytes, at, 4) == kEnd)
      return at;
  return std::string_view::npos;
}

} // namespace

bool readNpz(std::string_view bytes, NpzMembers &members, std::string &error) {
  size_t end = findEnd(bytes);
  if (end == std::string_view::npos) {
    error = "is not a .npz file, or is cut short";
    return false;
  }
  size_t count = numberAt(bytes, end + 10, 2),
         offset = numberAt(bytes, end + 16, 4);
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    Member member;
    if (!readCentral(bytes, offset, member)) {
      error = "has a damaged directory at member " + std::to_string(i);
      return false;
    }
    // Members may not share bytes: sizes cannot add up to more than the file.
    std::string data;
    if ((total += member.packed) > bytes.size() ||
        !unpack(bytes, member, data)) {
      error = "has a damaged member '" + std::string(member.name) +
              "', or one of an unknown method (" +
              std::to_string(member.method) + "; expected 0 or 8)";
      return false;
    }
    std::string name(member.name);
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0)
      name.resize(name.size() - 4);
    members.emplace_back(std::move(name), std::move(data));
  }
  return true;
}

bool writeNpz(const NpzMembers &members, std::string &bytes,
              std::string &error) {
  std::string directory;
  for (const auto &[name, data] : members) {
    size_t local = bytes.size();
    std::string fields;
    append(fields, 20, 2);         // version that reads it: 2.0
    append(fields, 0, 2);          // flags
    append(fields, 0, 2);          // method: stored
    append(fields, 0x00210000, 4); // time: 1980-01-01, equal for equal data
    append(fields, checksum(data), 4);
    append(fields, data.size(), 4);
    append(fields, data.size(), 4);
    append(fields, name.size() + 4, 2);
    append(fields, 0, 2); // no extra fields
    append(bytes, kLocal, 4);
    bytes += fields + name + ".npy" + data;
    append(directory, kCentral, 4);
    append(directory, 20, 2); // version that wrote it
    directory += fields;
    append(directory, 0, 6); // comment, disk, inner attributes
    append(directory, 0, 4); // outer attributes
    append(directory, local, 4);
    directory += name + ".npy";
  }
  if (bytes.size() + directory.size() > std::numeric_limits<uint32_t>::max() ||
      members.size() > std::numeric_limits<uint16_t>::max()) {
    error = "needs more than 4 GiB or 65535 arrays, which .npz does not hold";
    return false;
  }
  size_t start = bytes.size();
  bytes += directory;
  append(bytes, kEnd, 4);
  append(bytes, 0, 4); // disks
  append(bytes, members.size(), 2);
  append(bytes, members.size(), 2);
  append(bytes, directory.size(), 4);
  append(bytes, start, 4);
  append(bytes, 0, 2); // no comment
  return true;
}

} // namespace nacre::io
