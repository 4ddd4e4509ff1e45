/*===- nacre/compiler.h - The compiler as a C library -----------*- C -*-===*\
 *
 * An ONNX model in, an artifact out: libnacre_compiler. What runs artifacts is
 * another, far smaller library (nacre/runtime.h).
 *
 * Functions may be called from several threads at once. Nothing is printed and
 * no signal is handled; messages go to the caller's function.
 *
\*===----------------------------------------------------------------------===*/
#ifndef NACRE_COMPILER_H
#define NACRE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NACRE_COMPILER_API __attribute__((visibility("default")))

/* How a compilation ended. The values are the exit codes of `nacre`. */
typedef enum nacre_compile_status {
  NACRE_COMPILE_OK = 0,
  NACRE_COMPILE_BAD_MODEL = 1, /* the model or a file is at fault, or needs
                                  what Nacre or the system does not have */
  NACRE_COMPILE_USAGE = 2,     /* an argument makes no sense */
  NACRE_COMPILE_BUG = 70       /* a fault of the compiler */
} nacre_compile_status;

typedef enum nacre_severity {
  NACRE_ERROR = 0,
  NACRE_WARNING = 1,
  NACRE_NOTE = 2,
  NACRE_REMARK = 3
} nacre_severity;

/* Takes one message: a whole line without its end, valid during the call. Called
 * on the thread that compiles. */
typedef void (*nacre_message_function)(void *user, nacre_severity severity,
                                       const char *text);

/* A value for a symbolic dim, by the name the model gives it ("N"), or by
 * "input.axis". */
typedef struct nacre_compile_dim {
  const char *name;
  int64_t value;
} nacre_compile_dim;

/* Zero means the default everywhere; `size` is sizeof(nacre_compile_options).
 * Nothing is kept after a call. */
typedef struct nacre_compile_options {
  size_t size;
  const char *target; /* "cpu" if null */
  const char *cpu;    /* LLVM's name of the processor; null: this one */
  const nacre_compile_dim *dims;
  size_t num_dims;
  uint32_t threads; /* of the compiler; 0: one per CPU */
  nacre_message_function message;
  void *user; /* handed to `message` */
} nacre_compile_options;

/* Compiles the model file `model` into the file `output`, which gets its name
 * when it is complete. Its ending says what is made: ".so", ".a" (with a header
 * beside it), or none for an executable (calls `cc`). `options` may be null. */
NACRE_COMPILER_API nacre_compile_status
nacre_compile_file(const char *model, const char *output,
                   const nacre_compile_options *options);

/* Compiles the model in `bytes` into a shared library in memory. `name` stands
 * for the model in messages. `folder` is where its external data may lie; null:
 * it has none. `*output` is the caller's and goes to nacre_compile_free; null
 * after an error. */
NACRE_COMPILER_API nacre_compile_status
nacre_compile_bytes(const void *bytes, size_t num_bytes, const char *name,
                    const char *folder, const nacre_compile_options *options,
                    void **output, size_t *num_output);

/* Frees what nacre_compile_bytes gave; null is fine. */
NACRE_COMPILER_API void nacre_compile_free(void *output);

/* "0.1.0"; static. */
NACRE_COMPILER_API const char *nacre_compiler_version(void);

#ifdef __cplusplus
}
#endif

#endif /* NACRE_COMPILER_H */
