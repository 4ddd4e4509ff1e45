/// The C API to run compiled models.
///
/// A *model* is a loaded artifact: immutable, shared by all threads. A
/// *context* runs one of its entries: it owns the arena, the worker threads and
/// the outputs, and serves one thread at a time. The smallest program is
/// examples/c/main.c.
///
/// Errors are a status code and one line of text. The text is in
/// nacre_context_error(context) for calls that take a context, and in
/// nacre_last_error() for all others. No call crashes, prints or exits because
/// of a bad argument, tensor or artifact.
///
/// Structs start with their size, which the caller sets (`{sizeof(x)}`); fields
/// are only appended, and a field that `size` does not cover has its default.
#ifndef NACRE_RUNTIME_H
#define NACRE_RUNTIME_H

#include "nacre/abi.h"

#include <stddef.h>

#if defined(__GNUC__)
#define NACRE_API __attribute__((visibility("default")))
#else
#define NACRE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  NACRE_OK = 0,
  NACRE_INVALID_ARGUMENT = 1, /* null or misaligned pointer, wrong count */
  NACRE_OUT_OF_MEMORY = 2,
  NACRE_IO_ERROR = 3,       /* a file cannot be opened or read */
  NACRE_BAD_ARTIFACT = 4,   /* corrupt, or not an artifact of Nacre */
  NACRE_INCOMPATIBLE = 5,   /* ABI version, processor or device is not there */
  NACRE_SHAPE_MISMATCH = 6, /* dtype, rank or dimension differs */
  NACRE_BUFFER_TOO_SMALL = 7, /* capacity is less than the tensor's bytes */
  NACRE_DATA_ERROR = 8,   /* an index or divisor in the data is out of range */
  NACRE_UNSUPPORTED = 9,  /* valid, but this runtime cannot do it yet */
  NACRE_DEVICE_LOST = 10, /* only destroy the context after this */
  NACRE_INTERNAL = 11     /* the model broke the ABI: a bug of Nacre */
} nacre_status;

typedef struct nacre_model nacre_model;
typedef struct nacre_pool nacre_pool;

/// Returns the name of a status, "buffer too small"; never null. Any thread.
NACRE_API const char *nacre_status_string(nacre_status status);

/// Returns one line about the last call on this thread that failed and takes no
/// context; "" if there was none. Valid until the next such call on this
/// thread.
NACRE_API const char *nacre_last_error(void);

/// Returns bytes per element in a tensor's data, 0 if it has no fixed size
/// (NACRE_STRING) or is unknown. 4-bit and 2-bit types take a byte per element.
NACRE_API size_t nacre_dtype_size(uint32_t dtype);

/// Returns "f32", "i64", ...; "unknown" for other values. Any thread.
NACRE_API const char *nacre_dtype_name(uint32_t dtype);

/// Looks for a device by the name of its target ("cpu", ...). Writes what its
/// maker calls it to `text`, at most `size` bytes and a zero at the end; `text`
/// may be null. Threads: any.
/// Returns:   NACRE_OK;
///            NACRE_INCOMPATIBLE if this runtime or this machine has none.
NACRE_API nacre_status nacre_device_find(const char *name, char *text,
                                         size_t size);

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

typedef struct {
  uint32_t size;
  uint32_t reserved;
  /// Folder of the side file of a model made from a descriptor; null: the
  /// current one. nacre_model_load always uses the artifact's own folder.
  const char *folder;
} nacre_model_options;

/// Loads an artifact (`model.so`). Its weights are mapped, not read.
///
/// The file's structure and what it needs of the processor are checked before
/// any of its code runs. That finds damage, not malice: an artifact is native
/// code, load only what you trust. A loaded file may be replaced (rename) but
/// must not be written.
///
/// Ownership: `path` and `options` (may be null) stay the caller's; `*model` is
///            the caller's, to be given to nacre_model_destroy.
/// Threads:   any.
/// Returns:   NACRE_OK;
///            NACRE_INVALID_ARGUMENT if `path` or `model` is null;
///            NACRE_IO_ERROR if the file or its side file cannot be read;
///            NACRE_BAD_ARTIFACT if it is corrupt or not an artifact;
///            NACRE_INCOMPATIBLE if it is for another ABI version, processor,
///            set of CPU features or device;
///            NACRE_OUT_OF_MEMORY.
///            On failure `*model` is null and nacre_last_error() has the
///            detail.
NACRE_API nacre_status nacre_model_load(const char *path,
                                        const nacre_model_options *options,
                                        nacre_model **model);

/// Makes a model of a descriptor that is linked into the program
/// (`nacre_model_<name>` of a model.a) or was compiled in memory.
///
/// Ownership: the descriptor, and all it points to, stays the caller's and must
///            outlive the model; otherwise as nacre_model_load.
/// Threads:   any.
/// Returns:   as nacre_model_load.
NACRE_API nacre_status nacre_model_from_descriptor(
    const nacre_descriptor *descriptor, const nacre_model_options *options,
    nacre_model **model);

/// Releases a model (null is fine). It stays loaded until its last context is
/// destroyed. Threads: any, once per model.
NACRE_API void nacre_model_destroy(nacre_model *model);

/// What a model says about itself: name, provenance, kernels, weights, arena.
/// Arrays in it are to be read through the functions below, as an element may
/// be larger than this header knows. Valid as long as the model. Any thread.
NACRE_API const nacre_descriptor *
nacre_model_descriptor(const nacre_model *model);

/// Return an element, or null if `index` is out of range. Any thread.
NACRE_API const nacre_entry *nacre_model_entry(const nacre_model *model,
                                               size_t index);
NACRE_API const nacre_kernel *nacre_model_kernel(const nacre_model *model,
                                                 size_t index);
NACRE_API const nacre_value *nacre_entry_input(const nacre_entry *entry,
                                               size_t index);
NACRE_API const nacre_value *nacre_entry_output(const nacre_entry *entry,
                                                size_t index);

/// Returns the name of symbol dimension `dim` (<= -2) of an entry; null if the
/// dimension is static or any size. Any thread.
NACRE_API const char *nacre_entry_symbol(const nacre_entry *entry, int64_t dim);

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

/// Calls task(argument, i) once for each i in [0, count), on any threads, and
/// returns after all are done. Calls with different i may run at the same time.
typedef void (*nacre_parallel_for)(void *user, size_t count,
                                   void (*task)(void *argument, size_t i),
                                   void *argument);

/// Starts a pool that several contexts share: `num_threads` counts the thread
/// that runs a context; 0 means one per CPU that the process may use.
///
/// One context at a time uses the workers; another that runs meanwhile works on
/// its own thread alone, with the same results.
///
/// Ownership: `*pool` is the caller's; it must outlive the contexts using it.
/// Threads:   any.
/// Returns:   NACRE_OK; NACRE_INVALID_ARGUMENT if `pool` is null or
///            `num_threads` exceeds 256; NACRE_OUT_OF_MEMORY if a thread cannot
///            be started.
NACRE_API nacre_status nacre_pool_create(uint32_t num_threads,
                                         nacre_pool **pool);

/// Stops the workers (null is fine). Threads: any; no context may use the pool.
NACRE_API void nacre_pool_destroy(nacre_pool *pool);

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

typedef struct {
  uint32_t size;
  /// Index of the entry to run.
  uint32_t entry;
  /// Threads of a run, the calling one included; 0: one per CPU that the
  /// process may use. With `parallel_for`: into how many tasks a kernel is
  /// split. Ignored with `pool`. Results never depend on it.
  uint32_t num_threads;
  /// Non-zero: measure every kernel, see nacre_context_profile.
  uint32_t profile;
  /// Shared workers; null: the context has its own.
  nacre_pool *pool;
  /// The embedder's own threads; null: `pool` or own workers.
  nacre_parallel_for parallel_for;
  void *parallel_user;
} nacre_context_options;

/// Makes what one run at a time needs: workers, scratch memory, an arena (taken
/// at the first run).
///
/// Ownership: `options` (may be null) stays the caller's; `*context` is the
///            caller's, to be given to nacre_context_destroy. It holds the
///            model.
/// Threads:   any. A process that forks must make its contexts after it.
/// Returns:   NACRE_OK;
///            NACRE_INVALID_ARGUMENT if `model` or `context` is null, the entry
///            does not exist or `num_threads` exceeds 256;
///            NACRE_OUT_OF_MEMORY.
///            On failure `*context` is null and nacre_last_error() has the
///            detail.
NACRE_API nacre_status
nacre_context_create(nacre_model *model, const nacre_context_options *options,
                     nacre_context **context);

/// Releases a context and the outputs it owns (null is fine).
/// Threads: any, while no run is going on.
NACRE_API void nacre_context_destroy(nacre_context *context);

/// A string: `size` bytes at `data`, of any value (UTF-8 where letters matter);
/// `data` may be null if there are none.
typedef struct {
  const char *data;
  uint64_t size;
} nacre_string;

/// A dense, row-major tensor. The data of a tensor of NACRE_STRING are
/// nacre_string. A sequence, optional or map is a tensor of rank 0 whose data is
/// one nacre_list.
typedef struct {
  uint32_t size; /* sizeof(nacre_tensor) */
  uint32_t dtype;
  uint32_t rank;
  uint32_t reserved;
  /// `rank` of them. Of an output: the context's, valid until its next run.
  const int64_t *dims;
  /// Aligned to its element. May be null if there are no elements.
  void *data;
  /// Bytes that may be read (input) or written (output) at `data`.
  uint64_t capacity;
} nacre_tensor;

/// What is in a sequence (any number of tensors), an optional (one or none; it
/// may be a sequence) or a map (its keys and its values, two vectors of equal
/// length).
typedef struct {
  uint64_t count;
  const nacre_tensor *const *items;
} nacre_list;

/// Runs the entry once and waits for it to finish.
///
/// `inputs` and `outputs` are in the order of the entry's signature. Of an
/// output only `size`, `data` and `capacity` are read; dtype and shape are
/// filled in, as they may depend on the data (NonZero). An output with `data`
/// set is written there (NACRE_BUFFER_TOO_SMALL if its capacity is less; the
/// shape says what is needed); with `data` null the context owns it until its
/// next run, and sets `data` and `capacity`. Such a tensor may be passed again
/// as it is, as an output (the context still owns it) or as an input of the
/// next run (a loop over state). No other output may overlap an input, except
/// the input it is tied to, by the same pointer: it is then updated in place.
/// Nothing is allocated when the shapes are those of the run before. Outputs of
/// strings, sequences, optionals and maps, and all they hold, are the context's
/// until the end of its next run; their `data` must be null or come from the run
/// before.
///
/// Ownership: `context`, `inputs` and `outputs` stay the caller's.
/// Threads:   one run at a time per context; contexts are independent.
/// Returns:   NACRE_OK;
///            NACRE_INVALID_ARGUMENT if a count differs from the signature, a
///            pointer is null or misaligned, or buffers overlap;
///            NACRE_SHAPE_MISMATCH if a dtype, rank or dimension differs;
///            NACRE_BUFFER_TOO_SMALL if a capacity is less than the tensor;
///            NACRE_DATA_ERROR if an index, slice bound, divisor or trip count
///            in the data is out of range; NACRE_OUT_OF_MEMORY;
///            NACRE_DEVICE_LOST if the device failed, after which only
///            nacre_context_destroy may be called;
///            NACRE_INTERNAL if the model broke its contract.
///            On any failure the data of outputs is unspecified and
///            nacre_context_error(context) has one line of detail.
NACRE_API nacre_status nacre_context_run(nacre_context *context,
                                         const nacre_tensor *const *inputs,
                                         size_t num_inputs,
                                         nacre_tensor *const *outputs,
                                         size_t num_outputs);

/// Returns one line about the last run; "" if it was ok. Valid until the next
/// run. Threads: as nacre_context_run.
NACRE_API const char *nacre_context_error(const nacre_context *context);

/// Returns the bytes of arena, scratch and blocks that the context holds now.
/// Threads: as nacre_context_run.
NACRE_API uint64_t nacre_context_memory(const nacre_context *context);

/// Gives what kernel `index` took in all runs since the context was made, in
/// nanoseconds, and how often it was launched. Either pointer may be null.
/// Threads: as nacre_context_run.
/// Returns: NACRE_OK; NACRE_INVALID_ARGUMENT if the context was made without
///          `profile` or there is no such kernel.
NACRE_API nacre_status nacre_context_profile(const nacre_context *context,
                                             size_t index, uint64_t *launches,
                                             uint64_t *nanoseconds);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // NACRE_RUNTIME_H
