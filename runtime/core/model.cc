#include "runtime/core/model.h"

#include "nacre/seal.h"
#include "runtime/core/error.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace nacre::runtime;

nacre_status Mapping::open(const char *path) {
  int fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return fail(NACRE_IO_ERROR, "%s: %s", path, std::strerror(errno));
  struct stat info;
  nacre_status status = NACRE_OK;
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
    status = fail(NACRE_IO_ERROR, "%s: is empty or not a regular file", path);
  } else {
    void *memory = mmap(nullptr, info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (memory == MAP_FAILED)
      status = fail(NACRE_IO_ERROR, "%s: cannot be mapped: %s", path,
                    std::strerror(errno));
    else
      *this = {static_cast<const char *>(memory), uint64_t(info.st_size)};
  }
  ::close(fd);
  return status;
}

void Mapping::close() {
  if (data)
    munmap(const_cast<char *>(data), size);
  *this = {};
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

static char *copy_string(const char *text, size_t length) {
  char *copy = allocate<char>(length + 1);
  return copy ? static_cast<char *>(std::memcpy(copy, text, length)) : nullptr;
}

/// Joins folder and name; null if there is no memory.
static char *join_path(const char *folder, size_t length, const char *name) {
  char *path = allocate<char>(length + std::strlen(name) + 2);
  if (path)
    std::sprintf(path, "%.*s/%s", int(length), folder, name);
  return path;
}

static nacre_status check_seal(const char *path, const Mapping &file) {
  nacre_seal seal;
  if (file.size < sizeof(seal))
    return NACRE_OK;
  uint64_t bytes = file.size - sizeof(seal);
  std::memcpy(&seal, file.data + bytes, sizeof(seal));
  if (seal.magic != NACRE_SEAL_MAGIC)
    return NACRE_OK;
  if (seal.skip_begin > bytes || seal.skip_bytes > bytes - seal.skip_begin ||
      nacre_seal_make(file.data, bytes, seal.skip_begin, seal.skip_bytes)
              .hash != seal.hash)
    return fail(NACRE_BAD_ARTIFACT,
                "%s: corrupt artifact: its checksum is wrong", path);
  return NACRE_OK;
}

/// Opens the artifact with the system's loader after it was checked, and finds
/// its descriptor.
static nacre_status open_library(nacre_model &model, Image &image) {
  Mapping file;
  nacre_status status = file.open(model.path);
  if (!status)
    status = check_elf(model.path, file.data, file.size, &image);
  if (!status)
    status = check_seal(model.path, file);
  file.close();
  if (status)
    return status;
  // Without a '/' dlopen would look in the system's folders.
  char *path = join_path(".", 1, model.path);
  if (!path)
    return fail(NACRE_OUT_OF_MEMORY, "no memory to load %s", model.path);
  model.library = dlopen(std::strchr(model.path, '/') ? model.path : path,
                         RTLD_NOW | RTLD_LOCAL);
  std::free(path);
  if (!model.library)
    return fail(NACRE_BAD_ARTIFACT, "%s: cannot be loaded: %s", model.path,
                dlerror());
  link_map *map = nullptr;
  auto *symbol = static_cast<const nacre_descriptor *const *>(
      dlsym(model.library, "nacre_model"));
  if (!symbol || dlinfo(model.library, RTLD_DI_LINKMAP, &map) != 0)
    return fail(NACRE_BAD_ARTIFACT, "%s: has no symbol nacre_model",
                model.path);
  image.base = map->l_addr;
  if (!image.holds(symbol, sizeof(*symbol)) ||
      !image.holds(*symbol, 2 * sizeof(uint64_t)))
    return fail(NACRE_BAD_ARTIFACT,
                "%s: corrupt artifact: nacre_model points outside of it",
                model.path);
  model.descriptor = *symbol;
  return NACRE_OK;
}

/// Maps the side file and checks that it is the safetensors file the descriptor
/// means: 8 bytes of header length, header, data.
static nacre_status map_weights(nacre_model &model, const char *path) {
  if (nacre_status status = model.side_file.open(path))
    return status;
  const Mapping &file = model.side_file;
  uint64_t header = 0;
  if (file.size >= sizeof(header))
    std::memcpy(&header, file.data, sizeof(header));
  if (file.size < sizeof(header) || header > file.size - sizeof(header) ||
      (header + sizeof(header)) % 64 != 0 ||
      file.size - sizeof(header) - header != model.descriptor->weights_bytes)
    return fail(
        NACRE_BAD_ARTIFACT,
        "%s: is not the weights of %s: expected %llu bytes of data", path,
        model.path,
        static_cast<unsigned long long>(model.descriptor->weights_bytes));
  model.weights = file.data + sizeof(header) + header;
  return NACRE_OK;
}

static nacre_status find_weights(nacre_model &model, const char *folder,
                                 size_t folder_length) {
  const nacre_descriptor &d = *model.descriptor;
  model.weights = d.weights;
  if (d.weights || d.weights_bytes == 0)
    return NACRE_OK;
  const char *name = d.weights_file;
  if (!name)
    return fail(NACRE_BAD_ARTIFACT, "%s: names no file for its weights",
                model.path);
  if (!*name || std::strchr(name, '/') || std::strcmp(name, ".") == 0 ||
      std::strcmp(name, "..") == 0)
    return fail(NACRE_BAD_ARTIFACT,
                "%s: weights file '%s' is not a name in the artifact's folder",
                model.path, name);
  char *path = join_path(folder, folder_length, name);
  if (!path)
    return fail(NACRE_OUT_OF_MEMORY, "no memory to load %s", model.path);
  nacre_status status = map_weights(model, path);
  std::free(path);
  return status;
}

static nacre_status load_kernels(nacre_model &model) {
  const nacre_descriptor &d = *model.descriptor;
  model.codes = allocate<nacre_code *>(d.num_kernels);
  if (!model.codes)
    return fail(NACRE_OUT_OF_MEMORY, "no memory to load %s", model.path);
  for (uint32_t i = 0; i < d.num_kernels; ++i) {
    const nacre_kernel *kernel = element(d.kernels, i);
    DeviceCall call;
    if (model.devices[kernel->device]->load(
            model.queues[kernel->device], kernel, &model.codes[i]) != NACRE_OK)
      return fail(NACRE_INCOMPATIBLE,
                  "%s: device '%s' cannot load kernel '%s'%s", model.path,
                  d.devices[kernel->device], kernel->name, call.reason().text);
    // Other devices have scratch of their own.
    if (kernel->run && kernel->scratch_bytes > model.scratch_bytes)
      model.scratch_bytes = kernel->scratch_bytes;
  }
  return NACRE_OK;
}

static nacre_status open_device(nacre_model &model, uint32_t i) {
  const char *name = model.descriptor->devices[i];
  model.devices[i] = find_device(name);
  if (!model.devices[i])
    return fail(NACRE_INCOMPATIBLE,
                "%s: needs device '%s', which this runtime does not have",
                model.path, name);
  nacre_device_info info = {};
  info.size = sizeof(info);
  DeviceCall call;
  if (model.devices[i]->info(0, &info) != NACRE_OK ||
      model.devices[i]->open(0, nullptr, nullptr, &model.queues[i]) != NACRE_OK)
    return fail(NACRE_INCOMPATIBLE, "%s: device '%s' cannot be opened%s",
                model.path, name, call.reason().text);
  model.is_remote[i] = !info.host_visible;
  return NACRE_OK;
}

/// Brings the weights to the memory of device `i`, once for all contexts.
static nacre_status upload_weights(nacre_model &model, uint32_t i) {
  uint64_t bytes = model.descriptor->weights_bytes;
  if (!model.is_remote[i] || bytes == 0)
    return NACRE_OK;
  const nacre_device &device = *model.devices[i];
  nacre_queue *queue = model.queues[i];
  nacre_fault fault = {sizeof(fault), 0, nullptr};
  DeviceCall call;
  nacre_status status = device.alloc(queue, bytes, &model.weight_blocks[i]);
  if (!status)
    status =
        device.upload(queue, {model.weight_blocks[i], 0}, model.weights, bytes);
  if (!status)
    status = device.wait(queue, &fault);
  if (!status)
    return NACRE_OK;
  return fail(status, "%s: device '%s' cannot take %llu bytes of weights%s",
              model.path, device.name, static_cast<unsigned long long>(bytes),
              call.reason().text);
}

static nacre_status open_devices(nacre_model &model) {
  const nacre_descriptor &d = *model.descriptor;
  model.devices = allocate<const nacre_device *>(d.num_devices);
  model.queues = allocate<nacre_queue *>(d.num_devices);
  model.weight_blocks = allocate<void *>(d.num_devices);
  model.is_remote = allocate<bool>(d.num_devices);
  if (!model.devices || !model.queues || !model.weight_blocks ||
      !model.is_remote)
    return fail(NACRE_OUT_OF_MEMORY, "no memory to load %s", model.path);
  for (uint32_t i = 0; i < d.num_devices; ++i) {
    nacre_status status = open_device(model, i);
    if (!status)
      status = upload_weights(model, i);
    if (status)
      return status;
  }
  return load_kernels(model);
}

static nacre_status load(nacre_model &model, const nacre_descriptor *descriptor,
                         const char *folder) {
  Image image;
  nacre_status status = NACRE_OK;
  model.descriptor = descriptor;
  if (!descriptor)
    status = open_library(model, image);
  if (!status)
    status = check_descriptor(model.path, model.descriptor,
                              descriptor ? nullptr : &image);
  if (!status)
    status = check_machine(model.path, *model.descriptor);
  const char *slash = std::strrchr(model.path, '/');
  if (descriptor)
    slash = nullptr;
  else if (slash)
    folder = model.path;
  if (!status)
    status = find_weights(model, folder,
                          slash ? slash - folder : std::strlen(folder));
  return status ? status : open_devices(model);
}

static nacre_status make_model(const char *path,
                               const nacre_descriptor *descriptor,
                               const char *folder, nacre_model **result) {
  void *memory = allocate<nacre_model>(1);
  char *copy = copy_string(path, std::strlen(path));
  if (!memory || !copy) {
    std::free(memory);
    std::free(copy);
    return fail(NACRE_OUT_OF_MEMORY, "no memory to load %s", path);
  }
  auto *model = new (memory) nacre_model{};
  model->path = copy;
  model->references = 1;
  nacre_status status = load(*model, descriptor, folder);
  if (status)
    model->release();
  else
    *result = model;
  return status;
}

void nacre_model::release() {
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  for (uint32_t i = 0; codes && i < descriptor->num_kernels; ++i)
    if (codes[i]) {
      uint32_t device = element(descriptor->kernels, i)->device;
      devices[device]->unload(queues[device], codes[i]);
    }
  for (uint32_t i = 0; queues && i < descriptor->num_devices; ++i) {
    if (!queues[i])
      continue;
    if (weight_blocks && weight_blocks[i])
      devices[i]->free(queues[i], weight_blocks[i]);
    devices[i]->close(queues[i]);
  }
  std::free(weight_blocks);
  std::free(is_remote);
  std::free(codes);
  std::free(queues);
  std::free(devices);
  side_file.close();
  if (library)
    dlclose(library);
  std::free(const_cast<char *>(path));
  std::free(this);
}

//===----------------------------------------------------------------------===//
// C API
//===----------------------------------------------------------------------===//

nacre_status nacre_model_load(const char *path, const nacre_model_options *,
                              nacre_model **model) {
  if (!model)
    return fail(NACRE_INVALID_ARGUMENT, "model is null");
  *model = nullptr;
  if (!path)
    return fail(NACRE_INVALID_ARGUMENT, "path is null");
  return make_model(path, nullptr, ".", model);
}

nacre_status nacre_model_from_descriptor(const nacre_descriptor *descriptor,
                                         const nacre_model_options *options,
                                         nacre_model **model) {
  if (!model)
    return fail(NACRE_INVALID_ARGUMENT, "model is null");
  *model = nullptr;
  if (!descriptor)
    return fail(NACRE_INVALID_ARGUMENT, "descriptor is null");
  const char *folder = nullptr;
  if (options && options->size >= sizeof(nacre_model_options))
    folder = options->folder;
  // Its name may only be read once it is known to be a descriptor.
  bool known = descriptor->magic == NACRE_MAGIC &&
               descriptor->version <= NACRE_ABI_VERSION && descriptor->name;
  return make_model(known ? descriptor->name : "model", descriptor,
                    folder ? folder : ".", model);
}

nacre_status nacre_device_find(const char *name, char *text, size_t size) {
  const nacre_device *device = name ? find_device(name) : nullptr;
  if (!device)
    return fail(NACRE_INCOMPATIBLE, "this runtime has no device '%s'",
                name ? name : "");
  nacre_device_info info = {};
  info.size = sizeof(info);
  DeviceCall call;
  if (nacre_status status = device->info(0, &info))
    return fail(status, "device '%s' is not there%s", name,
                call.reason().text);
  if (text && size)
    std::snprintf(text, size, "%s", info.name);
  return NACRE_OK;
}

void nacre_model_destroy(nacre_model *model) {
  if (model)
    model->release();
}

const nacre_descriptor *nacre_model_descriptor(const nacre_model *model) {
  return model->descriptor;
}

template <typename T>
static const T *find(const T *array, size_t count, size_t index) {
  return index < count ? element(array, index) : nullptr;
}

const nacre_entry *nacre_model_entry(const nacre_model *model, size_t index) {
  return find(model->descriptor->entries, model->descriptor->num_entries,
              index);
}

const nacre_kernel *nacre_model_kernel(const nacre_model *model, size_t index) {
  return find(model->descriptor->kernels, model->descriptor->num_kernels,
              index);
}

const nacre_value *nacre_entry_input(const nacre_entry *entry, size_t index) {
  return find(entry->inputs, entry->num_inputs, index);
}

const nacre_value *nacre_entry_output(const nacre_entry *entry, size_t index) {
  return find(entry->outputs, entry->num_outputs, index);
}

const char *nacre_entry_symbol(const nacre_entry *entry, int64_t dim) {
  int64_t index = -2 - dim;
  return dim <= -2 && index < int64_t(entry->num_symbols)
             ? entry->symbols[index]
             : nullptr;
}
