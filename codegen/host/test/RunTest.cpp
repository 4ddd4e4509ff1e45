#include "codegen/host/test/HostHarness.h"

#include <gtest/gtest.h>

using namespace nacre;
using namespace nacre::test;

namespace {

/// Declarations of the test's kernels; their bodies are not looked at.
constexpr const char *kKernels = R"(
  kernel.func @add(%a: tensor<?xf32>, %b: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0, 0>, schedule = #kernel.schedule<"loops", grid = [1]>} {
    kernel.return %o : tensor<?xf32>
  }
  kernel.func @twice(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>, schedule = #kernel.schedule<"loops", grid = [1]>} {
    kernel.return %o : tensor<?xf32>
  }
  kernel.func @count(%a: tensor<?xf32>, %o: tensor<1xi64>, %n: index) -> tensor<1xi64>
      attributes {num_outputs = 1, arg_dims = array<i64: 0>} {
    kernel.return %o : tensor<1xi64>
  }
  kernel.func @refuse(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
    kernel.return %o : tensor<?xf32>
  }
)";

std::string moduleText(const std::string &main) {
  return std::string("module {") + kKernels + main + "}";
}

struct Model {
  explicit Model(const std::string &main) : code(moduleText(main)) {
    if (code.ok())
      jit = codegen::linkInMemory(
          code.links(), code.weights(),
          mlir::UnknownLoc::get(code.module().getContext()));
    if (jit)
      runner = std::make_unique<Runner>(jit->descriptor());
  }
  CompiledModule code;
  std::unique_ptr<codegen::JitModel> jit;
  std::unique_ptr<Runner> runner;
};

} // namespace

// Two kernels, one intermediate value in the arena, the output in place.
TEST(Run, StaticShapes) {
  Model model(R"(
    func.func @main(%x: tensor<4xf32> {graph.name = "x"}) -> (tensor<4xf32> {graph.name = "y"}) {
      %n = arith.constant 4 : index
      %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
      %e = tensor.empty() : tensor<4xf32>
      %0 = kernel.call @twice ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
      %1 = kernel.call @add ins(%0, %c : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
      return %1 : tensor<4xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{4}, {10, 20, 30, 40}};
  ASSERT_EQ(model.runner->run({x.tensor()}, 1), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data,
            (std::vector<float>{21, 42, 63, 84}));
  EXPECT_EQ(model.jit->descriptor()->arena_bytes, 64u);
}
