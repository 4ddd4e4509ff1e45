/// A model written by hand, as the compiler would write one. Built as an
/// artifact (TOY_SIDE_FILE: with its weights in a side file) and linked into
/// the tests.
#include "toy_model.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define VALUE(dtype, name, dims, tied)                                         \
  { sizeof(nacre_value), dtype, name, dims, COUNT(dims), tied, NULL }
#define SCALAR(dtype, name)                                                    \
  { sizeof(nacre_value), dtype, name, NULL, 0, -1, NULL }
#define ENTRY(name, inputs, outputs, symbols, run)                             \
  {                                                                            \
    sizeof(nacre_entry), COUNT(inputs), name, inputs, outputs, COUNT(outputs), \
        COUNT(symbols), symbols, run                                           \
  }
#define CHECK(call)                                                            \
  do {                                                                         \
    int32_t status = (call);                                                   \
    if (status)                                                                \
      return status;                                                           \
  } while (0)

enum { kAffine, kPartialSum, kGather, kLiar };

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

// args: x [n, 4], w [4], out [n, 4]. Grid: n.
static int32_t affine(const nacre_word *args, int64_t begin, int64_t end,
                      void *scratch) {
  const float *x = args[0].pointer, *w = args[1].pointer;
  float *out = args[2].pointer, *row = scratch;
  for (int64_t i = begin; i < end; ++i) {
    for (int k = 0; k < 4; ++k)
      row[k] = x[4 * i + k] * w[k];
    for (int k = 0; k < 4; ++k)
      out[4 * i + k] = row[k] + 1;
  }
  return 0;
}

// args: x [n], sums [grid], n. Grid: pieces of 64, whatever the threads.
static int32_t partial_sum(const nacre_word *args, int64_t begin, int64_t end,
                           void *scratch) {
  const float *x = args[0].pointer;
  float *sums = args[1].pointer;
  int64_t n = args[2].scalar;
  (void)scratch;
  for (int64_t i = begin; i < end; ++i) {
    float sum = 0;
    for (int64_t k = 64 * i; k < 64 * (i + 1) && k < n; ++k)
      sum += x[k];
    sums[i] = sum;
  }
  return 0;
}

// args: data [m], index [n], out [n], m. Grid: n.
static int32_t gather(const nacre_word *args, int64_t begin, int64_t end,
                      void *scratch) {
  const float *data = args[0].pointer;
  const int64_t *index = args[1].pointer;
  float *out = args[2].pointer;
  int64_t m = args[3].scalar;
  (void)scratch;
  for (int64_t i = begin; i < end; ++i) {
    if (index[i] >= m)
      return 1;
    if (index[i] < 0)
      return 2;
    out[i] = data[index[i]];
  }
  return 0;
}

static int32_t liar(const nacre_word *args, int64_t begin, int64_t end,
                    void *scratch) {
  (void)args, (void)begin, (void)end, (void)scratch;
  return 9;
}

static const nacre_check gather_checks[] = {
    {sizeof(nacre_check), 0, "pick (Gather-13)",
     "an index is beyond the end of 'data'"},
    {sizeof(nacre_check), 0, "pick (Gather-13)",
     "an index is negative\nand so on"}};

static const nacre_kernel kernels[] = {
    {sizeof(nacre_kernel), 0, "affine", "mul, add", affine, NULL, 0,
     4 * sizeof(float), NULL, 0, 3, NULL, 3, 0},
    {sizeof(nacre_kernel), 0, "partial_sum", "sum", partial_sum, NULL, 0, 0,
     NULL, 0, 3, NULL, 2, 0},
    {sizeof(nacre_kernel), 0, "gather", "pick", gather, NULL, 0, 0,
     gather_checks, COUNT(gather_checks), 4, NULL, 3, 0},
    {sizeof(nacre_kernel), 0, "liar", "lie", liar, NULL, 0, 0, NULL, 0, 0,
     NULL, 0, 0}};

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

static int32_t run_affine(const nacre_host *host, nacre_context *context,
                          const void *const *inputs,
                          const int64_t *const *dims) {
  void *out;
  CHECK(host->output(context, 0, 2, dims[0], &out));
  nacre_word args[] = {{(void *)inputs[0]}, {(void *)inputs[1]}, {out}};
  return host->launch(context, kAffine, args, dims[0][0]);
}

// The sums live in the arena, whose size depends on the input.
static int32_t run_sum(const nacre_host *host, nacre_context *context,
                       const void *const *inputs, const int64_t *const *dims) {
  int64_t n = dims[0][0], pieces = (n + 63) / 64;
  float *sums = host->arena(context, (uint64_t)pieces * sizeof(float));
  if (!sums || (uintptr_t)sums % 64 != 0)
    return 2;
  void *out;
  CHECK(host->output(context, 0, 0, NULL, &out));
  nacre_word args[] = {{(void *)inputs[0]}, {sums}, {.scalar = n}};
  CHECK(host->launch(context, kPartialSum, args, pieces));
  CHECK(host->wait(context));
  float sum = 0;
  for (int64_t i = 0; i < pieces; ++i)
    sum += sums[i];
  *(float *)out = sum;
  return 0;
}

static int32_t run_gather(const nacre_host *host, nacre_context *context,
                          const void *const *inputs,
                          const int64_t *const *dims) {
  void *out;
  CHECK(host->output(context, 0, 1, dims[1], &out));
  nacre_word args[] = {
      {(void *)inputs[0]}, {(void *)inputs[1]}, {out}, {.scalar = dims[0][0]}};
  CHECK(host->launch(context, kGather, args, dims[1][0]));
  return host->launch(context, kGather, args, dims[1][0]);
}

// The shape of the output is known only after the data was read.
static int32_t run_nonzero(const nacre_host *host, nacre_context *context,
                           const void *const *inputs,
                           const int64_t *const *dims) {
  const int32_t *x = inputs[0];
  int64_t n = dims[0][0], shape[2] = {1, 0};
  int64_t *found = host->alloc(context, (uint64_t)n * sizeof(int64_t));
  if (!found || (uintptr_t)found % 64 != 0)
    return 2;
  for (int64_t i = 0; i < n; ++i)
    if (x[i])
      found[shape[1]++] = i;
  void *out;
  CHECK(host->output(context, 0, 2, shape, &out));
  CHECK(host->copy(context, out, found, (uint64_t)shape[1] * sizeof(int64_t)));
  host->free(context, found);
  return 0;
}

static int32_t run_weights(const nacre_host *host, nacre_context *context,
                           const void *const *inputs,
                           const int64_t *const *dims) {
  const int64_t shape[] = {4};
  void *out;
  (void)inputs, (void)dims;
  CHECK(host->output(context, 0, 1, shape, &out));
  return host->copy(context, out, host->weights(context), 4 * sizeof(float));
}

// Breaks the contract in the way that the input says.
static int32_t run_faulty(const nacre_host *host, nacre_context *context,
                          const void *const *inputs,
                          const int64_t *const *dims) {
  static const int64_t good[] = {2, 3}, bad[] = {2, 4}, huge[] = {INT64_MAX, 3},
                       negative[] = {-1, 3};
  void *out, *unused;
  (void)dims;
  int32_t fault = *(const int32_t *)inputs[0];
  if (fault == TOY_UNSET)
    return 0;
  if (fault == TOY_BAD_RANK)
    return host->output(context, 0, 1, good, &out);
  if (fault == TOY_BAD_DIM)
    return host->output(context, 0, 2, bad, &out);
  if (fault == TOY_HUGE_OUTPUT)
    return host->output(context, 0, 2, huge, &out);
  if (fault == TOY_NEGATIVE_DIM)
    return host->output(context, 0, 2, negative, &out);
  if (fault == TOY_BAD_OUTPUT)
    return host->output(context, 7, 2, good, &out);
  CHECK(host->output(context, 0, 2, good, &out));
  switch (fault) {
  case TOY_SET_TWICE:
    return host->output(context, 0, 2, good, &unused);
  case TOY_NO_DETAIL:
    return 5;
  case TOY_ARENA_TWICE:
    host->arena(context, 64);
    return host->arena(context, 128) ? 0 : 2;
  case TOY_HUGE_ARENA:
    return host->arena(context, UINT64_MAX - 3) ? 0 : 2;
  case TOY_HUGE_BLOCK:
    return host->alloc(context, UINT64_MAX - 3) ? 0 : 2;
  case TOY_BAD_FREE:
    host->free(context, (char *)out + 1);
    return 0;
  case TOY_BAD_KERNEL:
    return host->launch(context, 99, NULL, 1);
  case TOY_BAD_GRID:
    return host->launch(context, kLiar, NULL, -1);
  case TOY_BAD_CHECK:
    return host->launch(context, kLiar, NULL, 1);
  case TOY_FAIL:
    return host->fail(context, "loop (Loop-13)", "trip count is negative");
  default:
    return 0;
  }
}

static const int64_t n4[] = {-2, 4}, four[] = {4}, any[] = {-1}, m[] = {-3},
                     n[] = {-2}, one_any[] = {1, -1}, any_3[] = {-1, 3},
                     bytes4[] = {4};
static const char *const symbols[] = {"N", "M"};
static const nacre_value affine_in[] = {VALUE(NACRE_F32, "x", n4, -1),
                                        VALUE(NACRE_F32, "w", four, -1)};
static const nacre_value affine_out[] = {VALUE(NACRE_F32, "y", n4, 0)};
static const nacre_value sum_in[] = {VALUE(NACRE_F32, "x", any, -1)};
static const nacre_value sum_out[] = {SCALAR(NACRE_F32, "sum")};
static const nacre_value gather_in[] = {VALUE(NACRE_F32, "data", m, -1),
                                        VALUE(NACRE_I64, "index", n, -1)};
static const nacre_value gather_out[] = {VALUE(NACRE_F32, "picked", n, -1)};
static const nacre_value nonzero_in[] = {VALUE(NACRE_I32, "x", any, -1)};
static const nacre_value nonzero_out[] = {VALUE(NACRE_I64, "y", one_any, -1)};
static const nacre_value weights_in[] = {VALUE(NACRE_I4, "unused", bytes4, -1)};
static const nacre_value weights_out[] = {
    VALUE(NACRE_F32, "weights", four, -1)};
static const nacre_value faulty_in[] = {SCALAR(NACRE_I32, "fault")};
static const nacre_value faulty_out[] = {VALUE(NACRE_F32, "y", any_3, -1)};
static const nacre_value pair_in[] = {VALUE(NACRE_F32, "a", n4, -1),
                                      VALUE(NACRE_F32, "b", n4, -1)};
static const nacre_value pair_out[] = {VALUE(NACRE_F32, "c", n4, -1),
                                       VALUE(NACRE_F32, "d", n4, -1)};
static const nacre_value text_content = VALUE(NACRE_STRING, "", any, -1);
#define LIST(name)                                                             \
  { sizeof(nacre_value), NACRE_SEQUENCE, name, NULL, 0, -1, &text_content }
static const nacre_value text_in[] = {VALUE(NACRE_STRING, "text", any, -1),
                                      LIST("list")};
static const nacre_value text_out[] = {VALUE(NACRE_STRING, "twice", any, -1),
                                       LIST("longer")};

// twice = text + text, longer = list with twice at position 1
static int32_t run_text(const nacre_host *host, nacre_context *context,
                        const void *const *inputs, const int64_t *const *dims) {
  static const int64_t concat[] = {2,            1, 0, NACRE_STRING, 1,
                                   NACRE_STRING, 1, NACRE_STRING, 1};
  static const int64_t insert[] = {3, 1, 0, NACRE_SEQUENCE, 0, NACRE_I64, 0,
                                   NACRE_STRING, 1, NACRE_SEQUENCE, 0};
  int64_t end = 1;
  void *out;
  nacre_word words[] = {{.pointer = (void *)inputs[0]},
                        {.scalar = dims[0][0]},
                        {.pointer = (void *)inputs[0]},
                        {.scalar = dims[0][0]},
                        {.pointer = NULL},
                        {.scalar = -1}};
  CHECK(host->call(context, "join", "string_concat", concat, words));
  CHECK(host->output(context, 0, 1, &words[5].scalar, &out));
  CHECK(host->copy(context, out, words[4].pointer,
                   (uint64_t)words[5].scalar * 8));
  nacre_word more[] = {{.pointer = (void *)inputs[1]},
                       {.pointer = &end},
                       words[4],
                       words[5],
                       {.pointer = NULL}};
  CHECK(host->call(context, "grow", "sequence_insert", insert, more));
  CHECK(host->output(context, 1, 0, NULL, &out));
  return host->copy(context, out, more[4].pointer, 8);
}

// c = a, d = b
static int32_t run_pair(const nacre_host *host, nacre_context *context,
                        const void *const *inputs, const int64_t *const *dims) {
  for (uint32_t i = 0; i < 2; ++i) {
    void *out;
    CHECK(host->output(context, i, 2, dims[i], &out));
    CHECK(host->copy(context, out, inputs[i], (uint64_t)dims[i][0] * 16));
  }
  return 0;
}

static const nacre_entry entries[] = {
    ENTRY("affine", affine_in, affine_out, symbols, run_affine),
    ENTRY("sum", sum_in, sum_out, symbols, run_sum),
    ENTRY("gather", gather_in, gather_out, symbols, run_gather),
    ENTRY("nonzero", nonzero_in, nonzero_out, symbols, run_nonzero),
    ENTRY("weights", weights_in, weights_out, symbols, run_weights),
    ENTRY("faulty", faulty_in, faulty_out, symbols, run_faulty),
    ENTRY("pair", pair_in, pair_out, symbols, run_pair),
    ENTRY("text", text_in, text_out, symbols, run_text)};

static const char *const devices[] = {"cpu"};

#ifdef TOY_SIDE_FILE
#define TOY_WEIGHTS_DATA NULL
#define TOY_WEIGHTS_FILE TOY_SIDE_FILE
#else
static const float weights[4] = {1, 2, 3, 4};
#define TOY_WEIGHTS_DATA weights
#define TOY_WEIGHTS_FILE NULL
#endif

static const nacre_descriptor descriptor = {.size = sizeof(nacre_descriptor),
                                            .version = NACRE_ABI_VERSION,
                                            .magic = NACRE_MAGIC,
                                            .name = "toy",
                                            .provenance = "{}",
#if defined(__x86_64__)
                                            .arch = "x86_64",
#elif defined(__aarch64__)
                                            .arch = "aarch64",
#endif
                                            .devices = devices,
                                            .num_devices = 1,
                                            .kernels = kernels,
                                            .num_kernels = COUNT(kernels),
                                            .entries = entries,
                                            .num_entries = COUNT(entries),
                                            .weights = TOY_WEIGHTS_DATA,
                                            .weights_bytes = 4 * sizeof(float),
                                            .weights_file = TOY_WEIGHTS_FILE};

#ifdef TOY_STATIC
const nacre_descriptor *const nacre_model_toy = &descriptor;
#else
__attribute__((visibility("default")))
const nacre_descriptor *const nacre_model = &descriptor;
#endif
