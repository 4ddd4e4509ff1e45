/* Loads a compiled model, feeds every input with ones, runs it and prints the
 * beginning of every output. The ten lines that matter are in `run`. */
#include "nacre/runtime.h"

#include <stdio.h>
#include <stdlib.h>

enum { kMaxTensors = 16, kMaxRank = 8 };

/* Fills in a tensor as the signature says; a dynamic dimension becomes 1. */
static nacre_tensor make_input(const nacre_value *value, int64_t *dims) {
  uint64_t count = 1;
  for (uint32_t i = 0; i < value->rank; ++i) {
    dims[i] = value->dims[i] < 0 ? 1 : value->dims[i];
    count *= (uint64_t)dims[i];
  }
  uint64_t bytes = count * nacre_dtype_size(value->dtype);
  nacre_tensor tensor = {.size = sizeof tensor,
                         .dtype = value->dtype,
                         .rank = value->rank,
                         .dims = dims,
                         .data = calloc(1, bytes ? bytes : 1),
                         .capacity = bytes};
  if (value->dtype == NACRE_F32)
    for (uint64_t i = 0; i < count; ++i)
      ((float *)tensor.data)[i] = 1;
  return tensor;
}

static void print(const char *name, const nacre_tensor *tensor) {
  uint64_t count = 1;
  printf("%s: %s [", name, nacre_dtype_name(tensor->dtype));
  for (uint32_t i = 0; i < tensor->rank; ++i) {
    printf(i ? ", %lld" : "%lld", (long long)tensor->dims[i]);
    count *= (uint64_t)tensor->dims[i];
  }
  printf("]");
  for (uint64_t i = 0; tensor->dtype == NACRE_F32 && i < count && i < 8; ++i)
    printf(" %g", ((const float *)tensor->data)[i]);
  printf("\n");
}

static int fail(nacre_status status, const char *detail) {
  fprintf(stderr, "%s: %s\n", nacre_status_string(status), detail);
  return 1;
}

static int run(nacre_model *model) {
  const nacre_entry *entry = nacre_model_entry(model, 0);
  int64_t dims[kMaxTensors][kMaxRank];
  nacre_tensor inputs[kMaxTensors], outputs[kMaxTensors];
  const nacre_tensor *in[kMaxTensors];
  nacre_tensor *out[kMaxTensors];
  if (entry->num_inputs > kMaxTensors || entry->num_outputs > kMaxTensors)
    return fail(NACRE_UNSUPPORTED, "too many tensors for this example");
  for (uint32_t i = 0; i < entry->num_inputs; ++i) {
    if (nacre_entry_input(entry, i)->rank > kMaxRank)
      return fail(NACRE_UNSUPPORTED, "too many dimensions for this example");
    inputs[i] = make_input(nacre_entry_input(entry, i), dims[i]);
    in[i] = &inputs[i];
  }
  for (uint32_t i = 0; i < entry->num_outputs; ++i) {
    outputs[i] = (nacre_tensor){.size = sizeof(nacre_tensor)};
    out[i] = &outputs[i];
  }

  nacre_context *context;
  nacre_status status = nacre_context_create(model, NULL, &context);
  if (status)
    return fail(status, nacre_last_error());
  status = nacre_context_run(context, in, entry->num_inputs, out,
                             entry->num_outputs);
  if (status)
    fail(status, nacre_context_error(context));
  for (uint32_t i = 0; !status && i < entry->num_outputs; ++i)
    print(nacre_entry_output(entry, i)->name, out[i]);
  nacre_context_destroy(context);
  for (uint32_t i = 0; i < entry->num_inputs; ++i)
    free(inputs[i].data);
  return status != NACRE_OK;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s model.so\n", argv[0]);
    return 2;
  }
  nacre_model *model;
  nacre_status status = nacre_model_load(argv[1], NULL, &model);
  if (status)
    return fail(status, nacre_last_error());
  int result = run(model);
  nacre_model_destroy(model);
  return result;
}
