/// What the caller of a run gives and gets, as values of host code.
#ifndef NACRE_HOST_BORDER_H
#define NACRE_HOST_BORDER_H

#include "runtime/core/context.h"
#include "runtime/host/value.h"

namespace nacre::runtime {

/// What the address of a caller's elements of a known `dtype` is a multiple of.
size_t alignment_of(uint32_t dtype);

/// The handles for an input of strings or lists, whose dtype and shape are
/// checked. What they stand for stays the caller's; it is checked. Null, with
/// the context's status, on failure.
const void *take_in(nacre_context &context, const nacre_value &value,
                    const nacre_tensor &tensor);

/// Copies what handles of an output stand for to where the caller may read it to
/// the end of the next run. Other outputs stay as they are.
nacre_status give_out(nacre_context &context, Output &output);

} // namespace nacre::runtime

#endif // NACRE_HOST_BORDER_H
