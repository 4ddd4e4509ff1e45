#include "tools/nacre/verify/Suite.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

#include <algorithm>

using namespace llvm;
using namespace nacre::verify;
namespace fs = llvm::sys::fs;

namespace {

/// The index files that hold for a folder, innermost last.
class Indexes {
public:
  /// Reads `folder`/index.json if there is one.
  Error add(StringRef folder);
  /// Reads the index `file`, whose paths are below `folder`.
  Error read(StringRef file, StringRef folder);
  /// Fills in what the indexes say about `test`, in `folder`.
  void apply(StringRef folder, Case &test) const;
  size_t size() const { return indexes.size(); }
  void shrink(size_t size) { indexes.resize(size, Index()); }

private:
  struct Index {
    std::string folder;
    StringMap<json::Object> entries; ///< by path below `folder`
  };
  std::vector<Index> indexes;
};

class Finder {
public:
  Finder(StringRef root, const Selection &selection)
      : root(root), selection(selection), filter(selection.filter) {}
  Error find(StringRef path);
  std::vector<Case> cases;
  Indexes indexes;

private:
  Error findInFolder(StringRef folder);
  void addCase(StringRef folder, StringRef model, bool nameIsModel);

  StringRef root;
  const Selection &selection;
  Regex filter;
};

} // namespace

//===----------------------------------------------------------------------===//
// Indexes
//===----------------------------------------------------------------------===//

static Error failure(const Twine &text) {
  return createStringError(inconvertibleErrorCode(), text);
}

Error Indexes::add(StringRef folder) {
  SmallString<128> path(folder);
  sys::path::append(path, "index.json");
  if (!fs::is_regular_file(path))
    return Error::success();
  return read(path, folder);
}

Error Indexes::read(StringRef path, StringRef folder) {
  auto file = MemoryBuffer::getFile(path);
  if (!file)
    return failure(path + ": " + file.getError().message());
  Expected<json::Value> value = json::parse((*file)->getBuffer());
  if (!value)
    return failure(path + ": " + toString(value.takeError()));
  Index index;
  index.folder = folder.str();
  const json::Object *object = value->getAsObject();
  for (StringRef list : {"tests", "models", "files"}) {
    const json::Array *entries = object ? object->getArray(list) : nullptr;
    for (const json::Value &each : entries ? *entries : json::Array()) {
      const json::Object *entry = each.getAsObject();
      if (!entry)
        continue;
      StringRef key = entry->getString("path").value_or("");
      if (key.empty())
        key = sys::path::parent_path(entry->getString("file").value_or(""));
      if (key.empty())
        key = entry->getString("name").value_or("");
      index.entries[key] = *entry;
    }
  }
  indexes.push_back(std::move(index));
  return Error::success();
}

static Expect expectation(StringRef text) {
  return StringSwitch<Expect>(text)
      .Case("compile_only", Expect::Compile)
      .Case("reject", Expect::Reject)
      .Case("reject_at_compile_or_run", Expect::Refuse)
      .Case("either", Expect::Either)
      .Default(Expect::Agree);
}

static void readEntry(const json::Object &entry, Case &test) {
  if (auto value = entry.getNumber("rtol"))
    test.tolerance.relative = *value;
  if (auto value = entry.getNumber("atol"))
    test.tolerance.absolute = *value;
  // The hint is what the type can meet where `atol` is below that.
  if (auto value = entry.getNumber("atol_hint"))
    test.tolerance.absolute = std::max(test.tolerance.absolute, *value);
  test.nondeterministic = entry.getBoolean("nondeterministic").value_or(false);
  if (const json::Array *feeds = entry.getArray("feeds"))
    for (const json::Value &feed : *feeds)
      test.feeds.push_back(feed.getAsString().value_or("").str());
  for (StringRef key : {"expect", "verdict"})
    if (auto text = entry.getString(key))
      test.expect = expectation(*text);
  if (test.expect == Expect::Reject &&
      entry.getString("stage") == StringRef("compile_or_run"))
    test.expect = Expect::Refuse;
  if (test.expect == Expect::Either &&
      entry.getString("stage") == StringRef("compile"))
    test.expect = Expect::Survive;
}

void Indexes::apply(StringRef folder, Case &test) const {
  for (const Index &index : reverse(indexes)) {
    StringRef key = folder;
    if (!key.consume_front(index.folder))
      continue;
    auto found = index.entries.find(key.ltrim('/'));
    if (found != index.entries.end())
      return readEntry(found->second, test);
  }
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

/// The names in `folder`, sorted.
static std::vector<std::string> namesIn(StringRef folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error))
    names.push_back(sys::path::filename(it->path()).str());
  std::sort(names.begin(), names.end());
  return names;
}

/// Files called `prefix`K.pb or .npy, in order of K, without a gap.
static std::vector<std::string> numberedFiles(StringRef folder,
                                              StringRef prefix) {
  std::vector<std::string> files;
  while (true) {
    std::string stem =
        (folder + "/" + prefix + std::to_string(files.size())).str();
    if (fs::exists(stem + ".pb"))
      files.push_back(stem + ".pb");
    else if (fs::exists(stem + ".npy"))
      files.push_back(stem + ".npy");
    else
      return files;
  }
}

static std::vector<DataSet> dataSetsIn(StringRef folder) {
  std::vector<DataSet> sets;
  while (true) {
    std::string set =
        (folder + "/test_data_set_" + std::to_string(sets.size())).str();
    if (!fs::is_directory(set))
      return sets;
    sets.push_back(
        {numberedFiles(set, "input_"), numberedFiles(set, "output_")});
  }
}

void Finder::addCase(StringRef folder, StringRef model, bool nameIsModel) {
  Case test;
  test.model = model.str();
  StringRef name = nameIsModel ? model : folder;
  name.consume_front(root);
  name = name.ltrim('/');
  test.name = name.empty() ? sys::path::filename(folder).str() : name.str();
  if (!selection.filter.empty() && !filter.match(test.name))
    return;
  test.sets = dataSetsIn(folder);
  indexes.apply(folder, test);
  test.tolerance.relative =
      selection.relative.value_or(test.tolerance.relative);
  test.tolerance.absolute =
      selection.absolute.value_or(test.tolerance.absolute);
  cases.push_back(std::move(test));
}

Error Finder::findInFolder(StringRef folder) {
  size_t outer = indexes.size();
  if (Error error = indexes.add(folder))
    return error;
  std::vector<std::string> models, folders;
  for (const std::string &name : namesIn(folder)) {
    std::string path = (folder + "/" + name).str();
    if (StringRef(name).ends_with(".onnx") && !fs::is_directory(path))
      models.push_back(path);
    else if (!StringRef(name).starts_with("test_data_set_") &&
             fs::is_directory(path) && !fs::is_symlink_file(path))
      folders.push_back(path);
  }
  for (const std::string &model : models)
    addCase(folder, model, models.size() > 1);
  for (const std::string &each : folders)
    if (Error error = findInFolder(each))
      return error;
  indexes.shrink(outer);
  return Error::success();
}

Error Finder::find(StringRef path) {
  std::string problem;
  if (!filter.isValid(problem) && !selection.filter.empty())
    return failure("--filter is no regular expression: " + problem);
  if (!fs::exists(path))
    return failure(path + ": does not exist");
  StringRef above = sys::path::parent_path(path);
  if (!selection.index.empty())
    if (Error error = indexes.read(selection.index, root))
      return error;
  StringRef higher = sys::path::parent_path(above);
  for (StringRef folder : {higher, above})
    if (!folder.empty())
      if (Error error = indexes.add(folder))
        return error;
  if (fs::is_directory(path))
    return findInFolder(path);
  addCase(sys::path::parent_path(path), path, false);
  return Error::success();
}

Expected<std::vector<Case>>
nacre::verify::findCases(StringRef path, const Selection &selection) {
  SmallString<128> absolute(path);
  if (std::error_code error = fs::make_absolute(absolute))
    return failure(path + ": " + error.message());
  sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  while (absolute.size() > 1 && absolute.back() == '/')
    absolute.pop_back();
  StringRef root = fs::is_directory(absolute)
                       ? StringRef(absolute)
                       : sys::path::parent_path(absolute);
  Finder finder(root, selection);
  if (Error error = finder.find(absolute))
    return error;
  return std::move(finder.cases);
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

json::Value nacre::verify::toJSON(const Case &test) {
  json::Array sets;
  for (const DataSet &set : test.sets)
    sets.push_back(json::Object{{"inputs", json::Array(set.inputs)},
                                {"outputs", json::Array(set.outputs)}});
  return json::Object{{"name", test.name},
                      {"model", test.model},
                      {"sets", std::move(sets)},
                      {"feeds", json::Array(test.feeds)},
                      {"rtol", test.tolerance.relative},
                      {"atol", test.tolerance.absolute},
                      {"nondeterministic", test.nondeterministic},
                      {"expect", int(test.expect)}};
}

namespace nacre::verify {
static bool fromJSON(const json::Value &value, DataSet &set, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("inputs", set.inputs) &&
         map.map("outputs", set.outputs);
}
} // namespace nacre::verify

bool nacre::verify::fromJSON(const json::Value &value, Case &test,
                             json::Path path) {
  json::ObjectMapper map(value, path);
  int expect = 0;
  bool read = map && map.map("name", test.name) &&
              map.map("model", test.model) && map.map("sets", test.sets) &&
              map.map("feeds", test.feeds) &&
              map.map("rtol", test.tolerance.relative) &&
              map.map("atol", test.tolerance.absolute) &&
              map.map("nondeterministic", test.nondeterministic) &&
              map.map("expect", expect);
  test.expect = Expect(expect);
  return read;
}
