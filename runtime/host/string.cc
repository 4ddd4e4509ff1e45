/// Strings. They never change once made, so results share what they can.

#include "runtime/host/call.h"
#include "runtime/host/text.h"

using namespace nacre::runtime;

namespace {

using Long = long long;

/// The strings of a constant: where each one ends in the text, then the text.
nacre_status constant(Call &call) {
  const Tensor &blob = call.inputs[0];
  uint32_t rank = call.outputs[0].rank;
  auto *handles = call.make_as<Handle>(0, rank, call.expected[0]);
  if (!handles)
    return call.context.status;
  uint64_t count = count_of(call.outputs[0]), bytes = bytes_of(blob);
  auto *strings = call.store.take_array<nacre_string>(count);
  if (!strings)
    return call.no_memory();
  if (bytes / sizeof(uint64_t) < count)
    return call.fail("a constant is cut short");
  auto *ends = static_cast<const uint64_t *>(blob.data);
  auto *text = reinterpret_cast<const char *>(ends + count);
  uint64_t room = bytes - count * sizeof(uint64_t), begin = 0;
  for (uint64_t i = 0; i < count; begin = ends[i++]) {
    if (ends[i] < begin || ends[i] > room)
      return call.fail("a constant is cut short");
    strings[i] = {text + begin, ends[i] - begin};
    handles[i] = to_handle(&strings[i]);
  }
  return NACRE_OK;
}

//===-- Pairs -------------------------------------------------------------===//

/// Two tensors of strings that broadcast against each other.
class Pairs {
public:
  nacre_status read(Call &call);
  template <typename Visit>
  void each(Visit visit) const;

  uint32_t rank = 0;
  int64_t dims[kMaxRank];

private:
  const Tensor *sides[2];
  /// Elements from one index of a dim to the next; 0 where it is repeated.
  uint64_t strides[2][kMaxRank];
};

nacre_status Pairs::read(Call &call) {
  sides[0] = &call.inputs[0];
  sides[1] = &call.inputs[1];
  rank = sides[0]->rank > sides[1]->rank ? sides[0]->rank : sides[1]->rank;
  for (uint32_t k = 0; k < rank; ++k)
    dims[k] = 1;
  for (uint32_t s = 0; s < 2; ++s) {
    uint64_t stride = 1;
    uint32_t lead = rank - sides[s]->rank;
    for (uint32_t k = rank; k-- > 0;) {
      int64_t dim = k < lead ? 1 : sides[s]->dims[k - lead];
      strides[s][k] = dim == 1 ? 0 : stride;
      stride *= uint64_t(dim);
      if (dim != 1 && dims[k] != 1 && dims[k] != dim)
        return call.fail("dimensions %lld and %lld do not broadcast",
                         Long(dims[k]), Long(dim));
      if (dim != 1)
        dims[k] = dim;
    }
  }
  return NACRE_OK;
}

template <typename Visit>
void Pairs::each(Visit visit) const {
  uint64_t count = 1, index[kMaxRank] = {}, at[2] = {0, 0};
  for (uint32_t k = 0; k < rank; ++k)
    count *= uint64_t(dims[k]);
  for (uint64_t i = 0; i < count; ++i) {
    visit(i, string_of(handles_of(*sides[0])[at[0]]),
          string_of(handles_of(*sides[1])[at[1]]));
    for (uint32_t k = rank; k-- > 0;) {
      at[0] += strides[0][k];
      at[1] += strides[1][k];
      if (++index[k] < uint64_t(dims[k]))
        break;
      at[0] -= strides[0][k] * index[k];
      at[1] -= strides[1][k] * index[k];
      index[k] = 0;
    }
  }
}

nacre_status concat(Call &call) {
  Pairs pairs;
  if (nacre_status status = pairs.read(call))
    return status;
  auto *out = call.make_as<Handle>(0, pairs.rank, pairs.dims);
  if (!out)
    return call.context.status;
  bool has_memory = true;
  pairs.each([&](uint64_t i, const nacre_string &a, const nacre_string &b) {
    char *text = nullptr;
    nacre_string *joined =
        has_memory ? call.new_string(a.size + b.size, &text) : nullptr;
    has_memory = joined;
    if (!joined)
      return;
    if (a.size)
      std::memcpy(text, a.data, a.size);
    if (b.size)
      std::memcpy(text + a.size, b.data, b.size);
    out[i] = to_handle(joined);
  });
  return has_memory ? NACRE_OK : call.no_memory();
}

nacre_status compare(Call &call) {
  Pairs pairs;
  if (nacre_status status = pairs.read(call))
    return status;
  auto *out = call.make_as<uint8_t>(0, pairs.rank, pairs.dims);
  if (!out)
    return call.context.status;
  pairs.each([&](uint64_t i, const nacre_string &a, const nacre_string &b) {
    out[i] = equal(a, b);
  });
  return NACRE_OK;
}

//===-- Split -------------------------------------------------------------===//

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/// Cuts a text into parts, from the left.
struct Cutter {
  const char *text, *end;
  const nacre_string &delimiter;
  int64_t cuts_left; // negative: any number
  bool is_done = false;

  Cutter(const nacre_string &from, const nacre_string &delimiter, int64_t cuts)
      : text(from.data), end(from.data + from.size), delimiter(delimiter),
        cuts_left(cuts) {
    skip_space();
    is_done = delimiter.size == 0 && text == end;
  }
  void skip_space() {
    while (delimiter.size == 0 && text < end && is_space(*text))
      ++text;
  }
  /// The bytes up to the next cut; all if there is none.
  uint64_t find() const {
    uint64_t left = uint64_t(end - text);
    if (cuts_left == 0)
      return left;
    for (uint64_t i = 0; i < left; ++i)
      if (delimiter.size
              ? left - i >= delimiter.size &&
                    !std::memcmp(text + i, delimiter.data, delimiter.size)
              : is_space(text[i]))
        return i;
    return left;
  }
  /// The next part; there is one unless is_done.
  nacre_string next() {
    nacre_string part = {text, find()};
    text += part.size;
    if (text == end) {
      // White space at the end of an uncut rest goes.
      while (delimiter.size == 0 && part.size &&
             is_space(part.data[part.size - 1]))
        --part.size;
      is_done = true;
      return part;
    }
    cuts_left -= cuts_left > 0;
    text += delimiter.size;
    skip_space();
    is_done = delimiter.size == 0 && text == end;
    return part;
  }
};

nacre_status split(Call &call) {
  const Tensor &input = call.inputs[0];
  const nacre_string &delimiter = string_of(handles_of(call.inputs[1])[0]);
  int64_t cuts = call.attributes[0], most = 0, dims[kMaxRank + 1];
  uint64_t count = count_of(input);
  auto *counts = call.make_as<int64_t>(1, input.rank, input.dims);
  if (!counts)
    return call.context.status;
  if (input.rank == kMaxRank)
    return call.fail("the result has more than %u dimensions", kMaxRank);
  for (uint64_t i = 0; i < count; ++i) {
    Cutter cutter(string_of(handles_of(input)[i]), delimiter, cuts);
    for (counts[i] = 0; !cutter.is_done; ++counts[i])
      cutter.next();
    most = counts[i] > most ? counts[i] : most;
  }
  for (uint32_t k = 0; k < input.rank; ++k)
    dims[k] = input.dims[k];
  dims[input.rank] = most;
  auto *parts = call.make_as<Handle>(0, input.rank + 1, dims);
  if (!parts)
    return call.context.status;
  for (uint64_t i = 0; i < count; ++i) {
    Cutter cutter(string_of(handles_of(input)[i]), delimiter, cuts);
    for (int64_t k = 0; k < most; ++k) {
      nacre_string part = {"", 0};
      if (k < counts[i])
        part = cutter.next();
      nacre_string *kept = call.new_string(part.data, part.size);
      if (!kept)
        return call.no_memory();
      *parts++ = to_handle(kept);
    }
  }
  return NACRE_OK;
}

//===-- Normalize ---------------------------------------------------------===//

/// The text in lower (1) or upper case (2), or itself.
const nacre_string *in_case(Call &call, const nacre_string &from,
                            int64_t mode) {
  if (mode == 0)
    return &from;
  char *text;
  // No letter grows to more than twice its bytes.
  nacre_string *result = call.new_string(2 * from.size + 4, &text);
  if (!result)
    return nullptr;
  const char *at = from.data;
  uint64_t left = from.size, size = 0;
  while (left) {
    uint32_t letter = next_letter(at, left);
    size += write_letter(
        mode == 1 ? lower_letter(letter) : upper_letter(letter), text + size);
  }
  result->size = size;
  return result;
}

/// Whether `text` is one of the stop words, in lower case unless case matters.
nacre_status is_stopword(Call &call, const nacre_string &text,
                         const Handle *words, uint64_t count, bool &found) {
  bool sensitive = call.attributes[1];
  const nacre_string *key = in_case(call, text, sensitive ? 0 : 1);
  if (!key)
    return call.no_memory();
  found = false;
  for (uint64_t k = 0; k < count && !found; ++k)
    found = equal(*key, string_of(words[k]));
  return NACRE_OK;
}

nacre_status normalize(Call &call) {
  const Tensor &input = call.inputs[0], &stopwords = call.inputs[1];
  uint64_t count = count_of(input), num_words = count_of(stopwords), kept = 0;
  auto *words = call.store.take_array<Handle>(num_words);
  auto *left = call.store.take_array<Handle>(count + 1);
  if (!words || !left)
    return call.no_memory();
  for (uint64_t k = 0; k < num_words; ++k) {
    const nacre_string *word = in_case(
        call, string_of(handles_of(stopwords)[k]), call.attributes[1] ? 0 : 1);
    if (!word)
      return call.no_memory();
    words[k] = to_handle(word);
  }
  for (uint64_t i = 0; i < count; ++i) {
    const nacre_string &text = string_of(handles_of(input)[i]);
    bool stops = false;
    if (nacre_status status = is_stopword(call, text, words, num_words, stops))
      return status;
    if (stops)
      continue;
    const nacre_string *result = in_case(call, text, call.attributes[0]);
    if (!result)
      return call.no_memory();
    left[kept++] = to_handle(result);
  }
  if (kept == 0)
    left[kept++] = 0; // one empty string
  int64_t dims[] = {1, int64_t(kept)};
  if (input.rank == 2 && input.dims[0] != 1)
    return call.fail("%lld rows of strings, expected 1", Long(input.dims[0]));
  void *out = call.make(0, input.rank, dims + 2 - input.rank);
  if (!out)
    return call.context.status;
  std::memcpy(out, left, kept * sizeof(Handle));
  return NACRE_OK;
}

//===-- The rest ----------------------------------------------------------===//

nacre_status match(Call &call) {
  const Tensor &input = call.inputs[0];
  const nacre_string &pattern = string_of(handles_of(call.inputs[1])[0]);
  Regex regex(call.store);
  if (const char *problem = regex.compile(pattern.data, pattern.size))
    return call.fail("the pattern of a regular expression %s", problem);
  auto *out = call.make_as<uint8_t>(0, input.rank, input.dims);
  if (!out)
    return call.context.status;
  uint64_t count = count_of(input);
  for (uint64_t i = 0; i < count; ++i) {
    const nacre_string &text = string_of(handles_of(input)[i]);
    out[i] = regex.matches_all(text.data, text.size);
  }
  return NACRE_OK;
}

nacre_status write_all(Call &call) {
  const Tensor &input = call.inputs[0];
  auto *out = call.make_as<Handle>(0, input.rank, input.dims);
  if (!out)
    return call.context.status;
  uint64_t count = count_of(input), width = element_bytes(input.dtype);
  for (uint64_t i = 0; i < count; ++i) {
    char *text;
    nacre_string *string = call.new_string(40, &text);
    if (!string)
      return call.no_memory();
    string->size = write_number(
        input.dtype, static_cast<const char *>(input.data) + i * width, text);
    out[i] = to_handle(string);
  }
  return NACRE_OK;
}

nacre_status cast(Call &call) {
  const Tensor &input = call.inputs[0];
  uint32_t dtype = call.outputs[0].dtype;
  if (dtype == NACRE_STRING)
    return write_all(call);
  char *out = call.make_as<char>(0, input.rank, input.dims);
  if (!out)
    return call.context.status;
  uint64_t count = count_of(input), width = element_bytes(dtype);
  for (uint64_t i = 0; i < count; ++i) {
    const nacre_string &text = string_of(handles_of(input)[i]);
    if (!read_number(dtype, text.data, text.size, out + i * width))
      return call.fail("'%.*s' is no number of %s",
                       int(text.size < 40 ? text.size : 40), text.data,
                       nacre_dtype_name(dtype));
  }
  return NACRE_OK;
}

uint64_t hash_of(const nacre_string &text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t i = 0; i < text.size; ++i)
    hash = (hash ^ uint8_t(text.data[i])) * 0x100000001b3;
  return hash ^ hash >> 29;
}

nacre_status find(Call &call) {
  const Tensor &input = call.inputs[0], &keys = call.inputs[1];
  uint64_t num_keys = count_of(keys), room = 2;
  while (room < 2 * num_keys)
    room *= 2;
  auto *table = call.store.take_array<uint64_t>(room); // 1 + position, or 0
  auto *out = call.make_as<int64_t>(0, input.rank, input.dims);
  if (!table || !out)
    return call.no_memory();
  std::memset(table, 0, room * sizeof(*table));
  auto slot = [&](const nacre_string &text) {
    uint64_t at = hash_of(text) & (room - 1);
    while (table[at] &&
           !equal(text, string_of(handles_of(keys)[table[at] - 1])))
      at = (at + 1) & (room - 1);
    return at;
  };
  for (uint64_t k = 0; k < num_keys; ++k)
    table[slot(string_of(handles_of(keys)[k]))] = k + 1;
  uint64_t count = count_of(input);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t found = table[slot(string_of(handles_of(input)[i]))];
    out[i] = int64_t(found ? found - 1 : num_keys);
  }
  return NACRE_OK;
}

} // namespace

const NamedFunction nacre::runtime::string_functions[] = {
    {"constant", constant},    {"string_concat", concat},
    {"string_equal", compare}, {"string_split", split},
    {"string_match", match},   {"string_normalize", normalize},
    {"string_cast", cast},     {"string_find", find},
    {nullptr, nullptr}};
