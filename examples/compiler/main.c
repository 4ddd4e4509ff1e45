/* Compiles a model with the C library of the compiler: from a file to a file, or
 * with one argument from memory to memory. */
#include "nacre/compiler.h"

#include <stdio.h>
#include <stdlib.h>

static void print(void *user, nacre_severity severity, const char *text) {
  (void)severity;
  fprintf((FILE *)user, "%s\n", text);
}

static void *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  long end = ftell(file);
  *size = end > 0 ? (size_t)end : 0;
  rewind(file);
  char *bytes = malloc(*size + 1);
  if (bytes && fread(bytes, 1, *size, file) != *size) {
    free(bytes);
    bytes = NULL;
  }
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: %s model.onnx [model.so]\n", argv[0]);
    return 2;
  }
  nacre_compile_options options = {
      .size = sizeof options, .message = print, .user = stderr};
  if (argc == 3)
    return nacre_compile_file(argv[1], argv[2], &options);

  size_t size = 0, num_output = 0;
  void *bytes = read_file(argv[1], &size), *output = NULL;
  if (!bytes)
    return perror(argv[1]), 1;
  nacre_compile_status status = nacre_compile_bytes(
      bytes, size, argv[1], NULL, &options, &output, &num_output);
  if (status == NACRE_COMPILE_OK)
    printf("nacre %s: %zu bytes became %zu\n", nacre_compiler_version(), size,
           num_output);
  nacre_compile_free(output);
  free(bytes);
  return status;
}
