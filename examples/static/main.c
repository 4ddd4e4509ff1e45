/* A model linked into the program (`nacre compile -o model.a` writes model.a
 * and model.h): no file is read and nothing is loaded at run time.
 *
 *   cc main.c -DMODEL=<name> model.a libnacre_runtime.a -lm -pthread -ldl
 *
 * The model takes one f32 tensor; a dynamic dimension becomes 1. */
#include "model.h"

#include "nacre/runtime.h"

#include <stdio.h>
#include <stdlib.h>

/* nacre_model_<name>, declared in model.h. */
#define CONCAT(a, b) a##b
#define DESCRIPTOR(name) CONCAT(nacre_model_, name)

enum { kMaxRank = 8 };

int main(void) {
  nacre_model *model;
  nacre_context *context;
  if (nacre_model_from_descriptor(DESCRIPTOR(MODEL), NULL, &model) ||
      nacre_context_create(model, NULL, &context)) {
    fprintf(stderr, "%s\n", nacre_last_error());
    return 1;
  }

  int64_t dims[kMaxRank];
  size_t count = 1;
  const nacre_entry *entry = nacre_model_entry(model, 0);
  const nacre_value *value = nacre_entry_input(entry, 0);
  if (entry->num_inputs != 1 || entry->num_outputs != 1 ||
      value->dtype != NACRE_F32 || value->rank > kMaxRank) {
    fprintf(stderr, "this example takes one f32 tensor and gives one\n");
    return 1;
  }
  for (uint32_t i = 0; i < value->rank; ++i) {
    dims[i] = value->dims[i] < 0 ? 1 : value->dims[i];
    count *= (size_t)dims[i];
  }
  float *x = malloc(count * sizeof *x);
  for (size_t i = 0; x && i < count; ++i)
    x[i] = 1;

  const nacre_tensor input = {sizeof input, NACRE_F32, value->rank,      0,
                              dims,         x,         count * sizeof *x};
  const nacre_tensor *in[] = {&input};
  nacre_tensor output = {.size = sizeof output}, *out[] = {&output};
  nacre_status status = nacre_context_run(context, in, 1, out, 1);
  if (status)
    fprintf(stderr, "%s\n", nacre_context_error(context));
  else
    printf("%g\n", ((const float *)output.data)[0]);

  free(x);
  nacre_context_destroy(context);
  nacre_model_destroy(model);
  return status != NACRE_OK;
}
