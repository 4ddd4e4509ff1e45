#include "runtime/core/error.h"

#include <cstdio>
#include <cstring>

using namespace nacre::runtime;

static thread_local Message last, refusal;

void Message::format(const char *format, va_list args) {
  std::vsnprintf(text, sizeof(text), format, args);
  for (char *c = text; *c; ++c)
    if (static_cast<unsigned char>(*c) < ' ' || *c == 0x7f)
      *c = '?';
}

nacre_status nacre::runtime::fail(nacre_status status, const char *format,
                                  ...) {
  va_list args;
  va_start(args, format);
  last.format(format, args);
  va_end(args);
  return status;
}

nacre_status nacre::runtime::refuse(nacre_status status, const char *format,
                                    ...) {
  va_list args;
  va_start(args, format);
  refusal.format(format, args);
  va_end(args);
  return status;
}

DeviceCall::DeviceCall() { refusal.clear(); }

Message DeviceCall::reason() const {
  Message said;
  said.clear();
  if (refusal.text[0])
    std::snprintf(said.text, sizeof(said.text), ": %.*s",
                  int(sizeof(said.text) - 3), refusal.text);
  return said;
}

const char *nacre_last_error(void) { return last.text; }

const char *nacre_status_string(nacre_status status) {
  static const char *const names[] = {"ok",
                                      "invalid argument",
                                      "out of memory",
                                      "input/output error",
                                      "bad artifact",
                                      "incompatible",
                                      "shape mismatch",
                                      "buffer too small",
                                      "data error",
                                      "not supported yet",
                                      "device lost",
                                      "internal error"};
  // The value may come from C, where any int is a valid one.
  uint32_t index;
  std::memcpy(&index, &status, sizeof(index));
  return index < sizeof(names) / sizeof(*names) ? names[index]
                                                : "unknown status";
}

static const struct {
  const char *name;
  size_t size;
} dtypes[] = {
    {"unknown", 0},    {"f32", 4},      {"u8", 1},         {"i8", 1},
    {"u16", 2},        {"i16", 2},      {"i32", 4},        {"i64", 8},
    {"string", 0},     {"bool", 1},     {"f16", 2},        {"f64", 8},
    {"u32", 4},        {"u64", 8},      {"c64", 8},        {"c128", 16},
    {"bf16", 2},       {"f8e4m3fn", 1}, {"f8e4m3fnuz", 1}, {"f8e5m2", 1},
    {"f8e5m2fnuz", 1}, {"u4", 1},       {"i4", 1},         {"f4e2m1", 1},
    {"f8e8m0", 1},     {"u2", 1},       {"i2", 1}};

static const char *list_name(uint32_t dtype) {
  switch (dtype) {
  case NACRE_SEQUENCE:
    return "sequence";
  case NACRE_OPTIONAL:
    return "optional";
  case NACRE_MAP:
    return "map";
  }
  return nullptr;
}

static size_t dtype_index(uint32_t dtype) {
  return dtype < sizeof(dtypes) / sizeof(*dtypes) ? dtype : 0;
}

size_t nacre_dtype_size(uint32_t dtype) {
  return dtypes[dtype_index(dtype)].size;
}

const char *nacre_dtype_name(uint32_t dtype) {
  const char *list = list_name(dtype);
  return list ? list : dtypes[dtype_index(dtype)].name;
}
