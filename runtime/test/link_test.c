#include "toy_model.h"

#include "nacre/runtime.h"

#include <stdio.h>

int main(void) {
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, w[4] = {1, 1, 1, 1};
  const int64_t x_dims[] = {2, 4}, w_dims[] = {4};
  const nacre_tensor in0 = {sizeof in0, NACRE_F32, 2, 0, x_dims, x, sizeof x};
  const nacre_tensor in1 = {sizeof in1, NACRE_F32, 1, 0, w_dims, w, sizeof w};
  const nacre_tensor *in[] = {&in0, &in1};
  nacre_tensor y = {.size = sizeof y}, *out[] = {&y};
  nacre_model *model;
  nacre_context *context;
  if (nacre_model_from_descriptor(nacre_model_toy, NULL, &model) ||
      nacre_context_create(model, NULL, &context) ||
      nacre_context_run(context, in, 2, out, 1)) {
    fprintf(stderr, "%s\n", nacre_last_error());
    return 1;
  }
  int ok = ((float *)y.data)[7] == 9;
  nacre_context_destroy(context);
  nacre_model_destroy(model);
  return ok ? 0 : 1;
}
