#include "tools/nacre/command/Commands.h"

int main(int argc, char **argv) {
  return nacre::command::dispatch({argv + 1, argv + argc});
}
