#ifndef NACRE_TEST_TOY_MODEL_H
#define NACRE_TEST_TOY_MODEL_H

#include "nacre/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const nacre_descriptor *const nacre_model_toy;

enum toy_entry {
  TOY_AFFINE,
  TOY_SUM,
  TOY_GATHER,
  TOY_NONZERO,
  TOY_WEIGHTS,
  TOY_FAULTY,
  TOY_PAIR,
  TOY_TEXT
};

enum toy_fault {
  TOY_UNSET = 1,
  TOY_BAD_RANK,
  TOY_BAD_DIM,
  TOY_HUGE_OUTPUT,
  TOY_NEGATIVE_DIM,
  TOY_BAD_OUTPUT,
  TOY_SET_TWICE,
  TOY_NO_DETAIL,
  TOY_ARENA_TWICE,
  TOY_HUGE_ARENA,
  TOY_HUGE_BLOCK,
  TOY_BAD_FREE,
  TOY_BAD_KERNEL,
  TOY_BAD_GRID,
  TOY_BAD_CHECK,
  TOY_FAIL
};

#ifdef __cplusplus
} // extern "C"
#endif

#endif // NACRE_TEST_TOY_MODEL_H
