/// The contract between a compiled model and the runtime that runs it.
///
/// A model exports one pointer, `nacre_model` (a static library:
/// `nacre_model_<name>`), to a constant `nacre_descriptor`. It imports nothing
/// from the runtime: what it needs comes in the `nacre_host` table that every
/// call receives. So two models share one runtime, and either side can be
/// replaced within the rules below.
///
/// Rules of change: every struct starts with its size in bytes; fields are only
/// appended; a reader looks at a field only if `size` covers it. Anything else
/// is a new NACRE_ABI_VERSION. All pointers are valid while the model is loaded.
#ifndef NACRE_ABI_H
#define NACRE_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NACRE_ABI_VERSION 1u
#define NACRE_MAGIC UINT64_C(0x31304552434e) /* "NCRE01" */

/// Element types. The values are those of ONNX's TensorProto.DataType.
typedef enum {
  NACRE_F32 = 1,
  NACRE_U8 = 2,
  NACRE_I8 = 3,
  NACRE_U16 = 4,
  NACRE_I16 = 5,
  NACRE_I32 = 6,
  NACRE_I64 = 7,
  NACRE_STRING = 8,
  NACRE_BOOL = 9,
  NACRE_F16 = 10,
  NACRE_F64 = 11,
  NACRE_U32 = 12,
  NACRE_U64 = 13,
  NACRE_C64 = 14,
  NACRE_C128 = 15,
  NACRE_BF16 = 16,
  NACRE_F8E4M3FN = 17,
  NACRE_F8E4M3FNUZ = 18,
  NACRE_F8E5M2 = 19,
  NACRE_F8E5M2FNUZ = 20,
  NACRE_U4 = 21,
  NACRE_I4 = 22,
  NACRE_F4E2M1 = 23,
  NACRE_F8E8M0 = 24,
  NACRE_U2 = 25,
  NACRE_I2 = 26,
  /// Not of TensorProto: elements that hold other values. Inside a model such an
  /// element, and a string, is a 64-bit handle that only the runtime reads.
  NACRE_SEQUENCE = 256,
  NACRE_OPTIONAL = 257,
  NACRE_MAP = 258
} nacre_dtype;

/// The rank of a nacre_value in a sequence or optional that may be any.
#define NACRE_ANY_RANK UINT32_MAX

/// A reason why a kernel may stop: a data-dependent index, slice bound, divisor
/// or trip count that is out of range. A kernel that returns k > 0 means
/// checks[k - 1] of its descriptor.
typedef struct {
  uint32_t size;
  uint32_t reserved;
  const char *node; /* ONNX node, operator and opset it stems from */
  const char *text; /* what was out of range, and what was expected */
} nacre_check;

/// Arguments of a kernel, one 64-bit word each: pointers of the tensors (inputs,
/// then outputs; dense, row-major), then int64 scalars (dynamic dimensions).
typedef union {
  void *pointer;
  int64_t scalar;
} nacre_word;

/// Runs the grid points [begin, end). `scratch` is the caller's, private to the
/// worker, 64-byte aligned and at least `scratch_bytes` long. Returns 0, or k > 0
/// when checks[k - 1] failed; outputs are then unspecified but nothing was
/// read or written outside the arguments.
typedef int32_t (*nacre_kernel_fn)(const nacre_word *args, int64_t begin,
                                   int64_t end, void *scratch);

/// Bytes of scratch that a worker needs for a launch with these arguments: what
/// depends on sizes. 2^40 or more says that no memory holds it.
typedef uint64_t (*nacre_scratch_fn)(const nacre_word *args);

typedef struct {
  uint32_t size;
  uint32_t device; /* index into nacre_descriptor.devices */
  const char *name;
  const char *source;     /* ONNX nodes computed by it, ", " between them */
  nacre_kernel_fn run;    /* set for devices that run host code */
  const void *code;       /* otherwise the device's code object */
  uint64_t code_bytes;
  uint64_t scratch_bytes; /* per worker */
  const nacre_check *checks;
  uint32_t num_checks;
  uint32_t num_args;
  nacre_scratch_fn open_scratch; /* null: scratch_bytes is all; else scratch_bytes
                                    is 0 and this says the bytes per worker */
  uint32_t num_tensors; /* of the arguments, which come first */
  uint32_t reserved;
} nacre_kernel;

/// A graph input or output. dims[i] >= 0 is static; -1 is any size; -(k + 2) is
/// the dimension symbol symbols[k] of the entry: equal wherever it occurs.
typedef struct nacre_value nacre_value;
struct nacre_value {
  uint32_t size;
  uint32_t dtype; /* nacre_dtype */
  const char *name;
  const int64_t *dims;
  uint32_t rank;
  int32_t tied_input; /* output: the input whose buffer it may update, or -1 */
  /// Of a sequence or optional: what it holds; of a map: its key, then its
  /// value; else null. The dtype is binding, the shape is what is expected.
  const nacre_value *content;
};

typedef struct nacre_context nacre_context;
typedef struct nacre_entry nacre_entry;
typedef struct nacre_descriptor nacre_descriptor;

/// What a model may ask of its runtime. Every function is called on the thread
/// that runs the entry. Status codes are nacre_status of runtime.h (0 = ok); on
/// any other the model returns it at once from `nacre_entry.run`.
typedef struct {
  uint32_t size;
  uint32_t version; /* NACRE_ABI_VERSION of the runtime */
  /// Returns the context's arena, 64-byte aligned, at least `bytes` long; null
  /// if there is no memory. Called once per run, before any launch.
  void *(*arena)(nacre_context *context, uint64_t bytes);
  /// Takes / gives back a 64-byte aligned block for a value whose size is known
  /// only during the run. The runtime keeps freed blocks for later runs.
  void *(*alloc)(nacre_context *context, uint64_t bytes);
  void (*free)(nacre_context *context, void *block);
  /// Fixes the shape of output `index` and returns where to write it through
  /// `data`. The block stays valid until the next run.
  int32_t (*output)(nacre_context *context, uint32_t index, uint32_t rank,
                    const int64_t *dims, void **data);
  /// Runs descriptor->kernels[kernel] over the grid [0, grid). Returns after the
  /// work is recorded; a later call or the end of the run waits for it.
  int32_t (*launch)(nacre_context *context, uint32_t kernel,
                    const nacre_word *args, int64_t grid);
  /// Waits until everything launched so far is done, before host code reads it.
  int32_t (*wait)(nacre_context *context);
  /// Copies `bytes` after everything launched so far; blocks do not overlap.
  int32_t (*copy)(nacre_context *context, void *to, const void *from,
                  uint64_t bytes);
  /// Records one line of detail (`node` may be null) and returns the status that
  /// the model returns.
  int32_t (*fail)(nacre_context *context, const char *node, const char *text);
  /// Returns all weights: the descriptor's, or the side file's mapped data.
  const void *(*weights)(nacre_context *context);
  /// Runs the host function called `function` (runtime/host), after everything
  /// launched so far that makes its inputs. `form`: the numbers of inputs,
  /// outputs and attributes; dtype and rank of each input, then of each output;
  /// the attributes. `words`: data, then dims, of each input, then of each
  /// output. Of an output the call sets the data, which stays until the run is
  /// over and must not be written, and dims that are -1; others it checks.
  int32_t (*call)(nacre_context *context, const char *node,
                  const char *function, const int64_t *form, nacre_word *words);
  /// A device whose memory host code cannot reach has a copy of each block that
  /// its kernels name; the addresses are those of the host's block. Bytes go
  /// there and back only by these, in order with all launches; weights are there
  /// from the start. The host's side stays as it is until the next wait.
  int32_t (*upload)(nacre_context *context, uint32_t device, const void *data,
                    uint64_t bytes);
  int32_t (*download)(nacre_context *context, uint32_t device, void *data,
                      uint64_t bytes);
  /// `copy` within the memory of a device.
  int32_t (*copy_on)(nacre_context *context, uint32_t device, void *to,
                     const void *from, uint64_t bytes);
} nacre_host;

struct nacre_entry {
  uint32_t size;
  uint32_t num_inputs;
  const char *name;
  const nacre_value *inputs;
  const nacre_value *outputs;
  uint32_t num_outputs;
  uint32_t num_symbols;
  const char *const *symbols;
  /// inputs[i] is the data of input i; dims[i] its dimensions (rank of them).
  /// The runtime has checked dtypes, ranks, static dims and equal symbols.
  int32_t (*run)(const nacre_host *host, nacre_context *context,
                 const void *const *inputs, const int64_t *const *dims);
};

struct nacre_descriptor {
  uint32_t size;
  uint32_t version; /* NACRE_ABI_VERSION of the compiler */
  uint64_t magic;   /* NACRE_MAGIC */
  const char *name;
  const char *provenance; /* JSON object: compiler, flags, model hash, target */
  const char *arch;       /* "x86_64", "aarch64", ... */
  /// CPU features needed, in LLVM's names; checked before any code runs.
  const char *const *features;
  const char *const *devices; /* runtime device per index: "cpu", ... */
  const nacre_kernel *kernels;
  const nacre_entry *entries;
  /// All weights: embedded, or null if they are in the side file.
  const void *weights;
  uint64_t weights_bytes;
  uint32_t num_features;
  uint32_t num_devices;
  uint32_t num_kernels;
  uint32_t num_entries;
  /// Side file's name, in the artifact's folder: a safetensors file whose data
  /// (what follows its header) is `weights_bytes` long and starts at a multiple
  /// of 64. Read through nacre_host.weights.
  const char *weights_file;
  /// Arena bytes for static shapes; 0 if it depends on the inputs.
  uint64_t arena_bytes;
};

#ifdef __cplusplus
} // extern "C"
#endif

#endif // NACRE_ABI_H
