#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/WireScan.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/logging.h"
#include "nacre/onnx.pb.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace nacre::onnx;

template <typename... Parts>
static Error fail(Parts &&...parts) {
  std::string text;
  raw_string_ostream os(text);
  (os << ... << parts);
  return createStringError(inconvertibleErrorCode(), text);
}

std::string nacre::onnx::quoted(StringRef name) {
  constexpr size_t kShown = 120;
  std::string text = "'";
  raw_string_ostream os(text);
  printEscapedString(name.take_front(kShown), os);
  os << (name.size() > kShown ? "...'" : "'");
  return text;
}

//===-- Files
//---------------------------------------------------------------===//

Expected<std::shared_ptr<const MappedFile>> MappedFile::map(int fd,
                                                            StringRef name) {
  struct stat status;
  bool bad = fstat(fd, &status) != 0;
  if (bad || !S_ISREG(status.st_mode)) {
    close(fd);
    return fail(name, " is not a regular file");
  }
  size_t size = size_t(status.st_size);
  void *at = nullptr;
  if (size > 0)
    at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  int error = errno;
  close(fd);
  if (at == MAP_FAILED)
    return fail(name, " cannot be mapped: ", sys::StrError(error));
  return std::shared_ptr<const MappedFile>(
      new MappedFile(StringRef(static_cast<const char *>(at), size)));
}

MappedFile::~MappedFile() {
  if (!content.empty())
    munmap(const_cast<char *>(content.data()), content.size());
}

//===-- The model
//-----------------------------------------------------------===//

Model::~Model() = default;

Expected<std::unique_ptr<Model>> Model::open(StringRef path) {
  // Without O_NONBLOCK opening a FIFO would wait for a writer.
  int fd = ::open(path.str().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return fail("cannot open ", path, ": ", sys::StrError(errno));
  auto file = MappedFile::map(fd, path);
  if (!file)
    return file.takeError();
  std::unique_ptr<Model> model(new Model);
  model->modelName = sys::path::filename(path).str();
  model->folder = sys::path::parent_path(path).str();
  if (model->folder.empty())
    model->folder = ".";
  model->file = *file;
  if (Error error = model->parse((*file)->bytes()))
    return std::move(error);
  return std::move(model);
}

Expected<std::unique_ptr<Model>>
Model::fromBytes(StringRef bytes, StringRef name, StringRef folder) {
  std::unique_ptr<Model> model(new Model);
  model->modelName = name.str();
  model->folder = folder.str();
  if (Error error = model->parse(bytes))
    return std::move(error);
  return std::move(model);
}

Error Model::parse(StringRef bytes) {
  content = bytes;
  std::string shortened, error;
  if (failed(scanModel(bytes, shortened, error)))
    return fail("not an ONNX model: ", error);
  if (shortened.size() > INT32_MAX)
    return fail("the model without its tensor data is larger than 2 GB");
  google::protobuf::LogSilencer silent; // what it says is said here
  message = std::make_unique<proto::ModelProto>();
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(shortened.data()),
      int(shortened.size()));
  // The scan has bounded graphs; types and the like recurse inside protobuf.
  stream.SetRecursionLimit(4 * kMaxNesting + 16);
  if (!message->ParseFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage())
    return fail("not an ONNX model: malformed protobuf");
  return Error::success();
}

//===-- Tensor data
//---------------------------------------------------------===//

Expected<std::optional<SharedBytes>>
Model::rawData(const proto::TensorProto &tensor) const {
  if (tensor.data_location() == proto::TensorProto::EXTERNAL) {
    auto bytes = external(tensor);
    if (!bytes)
      return bytes.takeError();
    return std::optional(*bytes);
  }
  if (tensor.has_mapped_size())
    return std::optional(SharedBytes{
        content.substr(tensor.mapped_offset(), tensor.mapped_size()), file});
  if (tensor.raw_data().size() > kMaxInlineRawData) {
    // Not of a scanned model: constants may outlive the message.
    auto kept = std::make_shared<std::string>(tensor.raw_data());
    return std::optional(SharedBytes{*kept, kept});
  }
  if (tensor.has_raw_data())
    return std::optional(SharedBytes{tensor.raw_data(), nullptr});
  return std::optional<SharedBytes>();
}

/// A decimal number without sign, or nothing.
static std::optional<uint64_t> parseCount(StringRef text) {
  uint64_t value;
  if (text.empty() || !all_of(text, isDigit) || text.getAsInteger(10, value))
    return std::nullopt;
  return value;
}

Expected<SharedBytes> Model::external(const proto::TensorProto &tensor) const {
  StringRef location;
  std::optional<uint64_t> offset = 0, length;
  for (const auto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    if (key != "offset" && key != "length")
      continue;
    std::optional<uint64_t> count = parseCount(value);
    if (!count)
      return fail("external data has ", key, " ", quoted(value),
                  ", expected a decimal number of bytes");
    (key == "offset" ? offset : length) = count;
  }
  if (location.empty())
    return fail("external data has no location");
  auto mapped = openBeside(location);
  if (!mapped)
    return mapped.takeError();
  StringRef bytes = (*mapped)->bytes();
  if (*offset > bytes.size())
    return fail("external data begins at byte ", *offset, " of ",
                quoted(location), ", which has ", bytes.size());
  bytes = bytes.substr(*offset);
  if (length && *length > bytes.size())
    return fail("external data of ", *length, " bytes at byte ", *offset,
                " ends behind the end of ", quoted(location));
  // Without a length it is what the dims say.
  return SharedBytes{length ? bytes.take_front(*length) : bytes, *mapped,
                     /*openEnded=*/!length};
}

/// Opens `location` below `folder` one component at a time and through no
/// symbolic link, so that neither can lead out of it.
Expected<std::shared_ptr<const MappedFile>>
Model::openBeside(StringRef location) const {
  auto known = beside.find(location);
  if (known != beside.end())
    return known->second;
  std::string label = "external data " + quoted(location);
  if (folder.empty())
    return fail(label, " is not at hand: the model was not read from a folder");
  SmallVector<StringRef> parts;
  location.split(parts, '/');
  if (sys::path::is_absolute(location) || is_contained(parts, "..") ||
      location.contains('\0') || location.contains('\\'))
    return fail(label, " is not a path inside the model's folder");

  int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (auto [index, part] : enumerate(parts)) {
    if (at < 0)
      break;
    bool last = index + 1 == parts.size();
    int flags = last ? O_NONBLOCK : O_DIRECTORY;
    int next = openat(at, part.empty() ? "." : part.str().c_str(),
                      O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
    int error = errno;
    close(at);
    at = next;
    errno = error;
  }
  if (at < 0 && (errno == ELOOP || errno == ENOTDIR))
    return fail(label, " is reached through a symbolic link, or a part of the "
                       "path is not a folder");
  if (at < 0)
    return fail(label, " cannot be opened: ", sys::StrError(errno));
  auto mapped = MappedFile::map(at, label);
  if (mapped)
    beside[location] = *mapped;
  return mapped;
}
