#include "test/host/HostHarness.h"

#include <gtest/gtest.h>

using namespace nacre;
using namespace nacre::test;

namespace {

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

static constexpr const char *kDynamic = R"(
    func.func @main(%x: tensor<?xf32> {graph.name = "x", graph.dims = ["N"]})
        -> (tensor<?x1xf32> {graph.name = "y", graph.dims = ["N", 1]}, tensor<?xf32>, tensor<?xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %e = tensor.empty(%n) : tensor<?xf32>
      %0 = kernel.call @twice ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      %1 = kernel.call @twice ins(%0 : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      %2 = kernel.call @add ins(%0, %1 : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      %3 = tensor.expand_shape %2 [[0, 1]] output_shape [%n, 1] : tensor<?xf32> into tensor<?x1xf32>
      return %3, %x, %2 : tensor<?x1xf32>, tensor<?xf32>, tensor<?xf32>
    })";

// Arena by input dims; an argument and a value that is already returned are
// copied.
TEST(Run, DynamicShapes) {
  Model model(kDynamic);
  ASSERT_TRUE(model.runner);
  for (int64_t n : {3, 0, 1000, 5}) {
    Array<float> x = {{n}, std::vector<float>(n, 1.5f)};
    ASSERT_EQ(model.runner->run({x.tensor()}, 3), NACRE_OK)
        << model.runner->error();
    EXPECT_EQ(model.runner->output<float>(0).dims,
              (std::vector<int64_t>{n, 1}));
    EXPECT_EQ(model.runner->output<float>(0).data, std::vector<float>(n, 9.f));
    EXPECT_EQ(model.runner->output<float>(1).data, x.data);
    EXPECT_EQ(model.runner->output<float>(2).data, std::vector<float>(n, 9.f));
  }
  EXPECT_EQ(model.jit->descriptor()->arena_bytes, 0u);
}

// No memory is taken after the first run of a shape.
TEST(Run, SecondRunTakesNoMemory) {
  Model model(kDynamic);
  ASSERT_TRUE(model.runner);
  Array<float> x = {{100}, std::vector<float>(100, 1.f)};
  ASSERT_EQ(model.runner->run({x.tensor()}, 3), NACRE_OK);
  uint64_t memory = model.runner->memory();
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(model.runner->run({x.tensor()}, 3), NACRE_OK);
  EXPECT_EQ(model.runner->memory(), memory);
}

// A size that a kernel computes: host code waits for it, the buffer comes from
// the pool and the output is placed when its dims are known.
TEST(Run, SizeFromKernel) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %e = tensor.empty() : tensor<1xi64>
      %0 = kernel.call @count ins(%x : tensor<?xf32>) outs(%e : tensor<1xi64>) dims(%n) -> tensor<1xi64>
      %k = tensor.extract %0[%c0] : tensor<1xi64>
      %m = arith.index_cast %k : i64 to index
      %fits = arith.cmpi ule, %m, %n : index
      program.check %fits, "count exceeds the input" loc("node_3")
      %cut = tensor.extract_slice %x[0] [%m] [1] : tensor<?xf32> to tensor<?xf32>
      %f = tensor.empty(%m) : tensor<?xf32>
      %1 = kernel.call @twice ins(%cut : tensor<?xf32>) outs(%f : tensor<?xf32>) dims(%m) -> tensor<?xf32>
      %2 = kernel.call @add ins(%1, %cut : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) dims(%m) -> tensor<?xf32>
      return %2 : tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{5}, {1, 2, 3, 4, 5}};
  ASSERT_EQ(model.runner->run({x.tensor()}, 1), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data, (std::vector<float>{3, 6, 9}));
  Array<float> tooShort = {{2}, {1, 2}};
  EXPECT_EQ(model.runner->run({tooShort.tensor()}, 1), NACRE_DATA_ERROR);
  EXPECT_EQ(model.runner->error(), "node_3: count exceeds the input");
}

// A carried buffer whose size changes with every iteration.
TEST(Run, WhileWithGrowingBuffer) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>, %limit: tensor<i64>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %last = tensor.extract %limit[] : tensor<i64>
      %end = arith.index_cast %last : i64 to index
      %r, %i = scf.while (%t = %x, %k = %c0) : (tensor<?xf32>, index) -> (tensor<?xf32>, index) {
        %more = arith.cmpi slt, %k, %end : index
        scf.condition(%more) %t, %k : tensor<?xf32>, index
      } do {
      ^bb0(%t: tensor<?xf32>, %k: index):
        %n = tensor.dim %t, %c0 : tensor<?xf32>
        %m = arith.addi %n, %c1 : index
        %e = tensor.empty(%n) : tensor<?xf32>
        %d = kernel.call @twice ins(%t : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
        %g = tensor.empty(%m) : tensor<?xf32>
        %s = tensor.insert_slice %d into %g[1] [%n] [1] : tensor<?xf32> into tensor<?xf32>
        %v = tensor.extract %d[%c0] : tensor<?xf32>
        %u = tensor.insert %v into %s[%c0] : tensor<?xf32>
        %next = arith.addi %k, %c1 : index
        scf.yield %u, %next : tensor<?xf32>, index
      }
      return %r : tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{2}, {1, 2}};
  for (int64_t times : {0, 1, 3}) {
    Array<int64_t> limit = {{}, {times}};
    ASSERT_EQ(model.runner->run({x.tensor(), limit.tensor()}, 1), NACRE_OK)
        << model.runner->error();
    std::vector<float> expected = x.data;
    for (int64_t i = 0; i < times; ++i) {
      for (float &value : expected)
        value *= 2;
      expected.insert(expected.begin(), expected.front());
    }
    EXPECT_EQ(model.runner->output<float>(0).data, expected);
  }
}

// A loop that returns its carried buffer, with buffers of the body that do not
// outlive an iteration.
TEST(Run, ForCarriesBuffer) {
  Model model(R"(
    func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %n = arith.constant 4 : index
      %f = tensor.empty() : tensor<4xf32>
      %init = kernel.call @twice ins(%x : tensor<4xf32>) outs(%f : tensor<4xf32>) dims(%n) -> tensor<4xf32>
      %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %init) -> tensor<4xf32> {
        %e = tensor.empty() : tensor<4xf32>
        %d = kernel.call @twice ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
        %s = kernel.call @add ins(%d, %x : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
        scf.yield %s : tensor<4xf32>
      }
      return %r, %init : tensor<4xf32>, tensor<4xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{4}, {1, 2, 3, 4}};
  ASSERT_EQ(model.runner->run({x.tensor()}, 2), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data,
            (std::vector<float>{23, 46, 69, 92}));
  EXPECT_EQ(model.runner->output<float>(1).data,
            (std::vector<float>{2, 4, 6, 8}));
  uint64_t memory = model.runner->memory();
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(model.runner->run({x.tensor()}, 2), NACRE_OK);
  EXPECT_EQ(model.runner->memory(), memory);
}

TEST(Run, IfYieldsBuffers) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>, %c: tensor<i64>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %zero = arith.constant 0 : i64
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %v = tensor.extract %c[] : tensor<i64>
      %p = arith.cmpi ne, %v, %zero : i64
      %r = scf.if %p -> tensor<?xf32> {
        %e = tensor.empty(%n) : tensor<?xf32>
        %d = kernel.call @twice ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
        scf.yield %d : tensor<?xf32>
      } else {
        scf.yield %x : tensor<?xf32>
      }
      %f = tensor.empty(%n) : tensor<?xf32>
      %s = kernel.call @add ins(%r, %x : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      return %s : tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{2}, {1, 2}};
  Array<int64_t> yes = {{}, {1}}, no = {{}, {0}};
  ASSERT_EQ(model.runner->run({x.tensor(), yes.tensor()}, 1), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data, (std::vector<float>{3, 6}));
  ASSERT_EQ(model.runner->run({x.tensor(), no.tensor()}, 1), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data, (std::vector<float>{2, 4}));
}

// The check that a kernel returns ends the run with its node and text.
TEST(Run, KernelCheck) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %e = tensor.empty(%n) : tensor<?xf32>
      %0 = kernel.call @refuse ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      return %0 : tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{2}, {1, 2}};
  EXPECT_EQ(model.runner->run({x.tensor()}, 1), NACRE_DATA_ERROR);
  EXPECT_EQ(model.runner->error(), "node_7 (Gather, opset 13): bad index");
}

// Sizes that would wrap around are an error, not a small buffer.
TEST(Run, HugeSizeIsAnError) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>, %s: tensor<2xi64>) -> tensor<?xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %a = tensor.extract %s[%c0] : tensor<2xi64>
      %b = tensor.extract %s[%c1] : tensor<2xi64>
      %m = arith.index_cast %a : i64 to index
      %k = arith.index_cast %b : i64 to index
      %e = tensor.empty(%m, %k) : tensor<?x?xf32>
      %f = tensor.collapse_shape %e [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %0 = kernel.call @twice ins(%x : tensor<?xf32>) outs(%f : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      return %0 : tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{2}, {1, 2}};
  for (std::vector<int64_t> sizes :
       {std::vector<int64_t>{int64_t(1) << 40, int64_t(1) << 40},
        std::vector<int64_t>{-1, 1}, std::vector<int64_t>{1, -4},
        std::vector<int64_t>{INT64_MAX, 1}}) {
    Array<int64_t> s = {{2}, sizes};
    EXPECT_EQ(model.runner->run({x.tensor(), s.tensor()}, 1), NACRE_DATA_ERROR);
    EXPECT_NE(model.runner->error().find("larger than 2^48"), std::string::npos)
        << model.runner->error();
  }
  Array<int64_t> fine = {{2}, {1, 2}};
  EXPECT_EQ(model.runner->run({x.tensor(), fine.tensor()}, 1), NACRE_OK)
      << model.runner->error();
}

// Carried values that change places: none is overwritten before it is read.
TEST(Run, ForSwapsCarriedBuffers) {
  Model model(R"(
    func.func @main(%x: tensor<4xf32>, %y: tensor<4xf32>, %times: tensor<i64>)
        -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 4 : index
      %v = tensor.extract %times[] : tensor<i64>
      %end = arith.index_cast %v : i64 to index
      %r:3 = scf.for %i = %c0 to %end step %c1 iter_args(%a = %x, %b = %y, %c = %x)
          -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
        %e = tensor.empty() : tensor<4xf32>
        %s = kernel.call @add ins(%a, %b : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
        scf.yield %b, %s, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
      }
      return %r#0, %r#1, %r#2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{4}, {1, 1, 2, 2}}, y = {{4}, {1, 2, 3, 4}};
  for (int64_t times : {0, 1, 2, 5}) {
    Array<int64_t> t = {{}, {times}};
    ASSERT_EQ(model.runner->run({x.tensor(), y.tensor(), t.tensor()}, 3),
              NACRE_OK)
        << model.runner->error();
    std::vector<float> a = x.data, b = y.data, c = x.data;
    for (int64_t i = 0; i < times; ++i) {
      c = a;
      a = b;
      for (size_t k = 0; k < b.size(); ++k)
        b[k] += c[k];
    }
    EXPECT_EQ(model.runner->output<float>(0).data, a);
    EXPECT_EQ(model.runner->output<float>(1).data, b);
    EXPECT_EQ(model.runner->output<float>(2).data, c);
  }
}

// A scan: rows are read and written in place; the state is nested in a branch
// inside of a loop whose bounds are data.
TEST(Run, ScanWithBranch) {
  Model model(R"(
    func.func @main(%x: tensor<?x4xf32> {graph.dims = ["T", 4]}) -> (tensor<?x4xf32>, tensor<4xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %n = arith.constant 4 : index
      %t = tensor.dim %x, %c0 : tensor<?x4xf32>
      %h0 = arith.constant dense<1.0> : tensor<4xf32>
      %y0 = tensor.empty(%t) : tensor<?x4xf32>
      %r:2 = scf.for %i = %c0 to %t step %c1 iter_args(%y = %y0, %h = %h0) -> (tensor<?x4xf32>, tensor<4xf32>) {
        %xi = tensor.extract_slice %x[%i, 0] [1, 4] [1, 1] : tensor<?x4xf32> to tensor<4xf32>
        %odd = arith.remui %i, %c2 : index
        %is = arith.cmpi ne, %odd, %c0 : index
        %s = scf.if %is -> tensor<4xf32> {
          %e = tensor.empty() : tensor<4xf32>
          %1 = kernel.call @add ins(%xi, %h : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
          scf.yield %1 : tensor<4xf32>
        } else {
          scf.yield %xi : tensor<4xf32>
        }
        %ys = tensor.insert_slice %s into %y[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<?x4xf32>
        scf.yield %ys, %s : tensor<?x4xf32>, tensor<4xf32>
      }
      return %r#0, %r#1 : tensor<?x4xf32>, tensor<4xf32>
    })");
  ASSERT_TRUE(model.runner);
  for (int64_t rows : {0, 1, 5}) {
    Array<float> x = {{rows, 4}, {}};
    std::vector<float> expected, state(4, 1.f);
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t k = 0; k < 4; ++k) {
        x.data.push_back(i + 10 * k);
        state[k] = i % 2 ? state[k] + x.data.back() : x.data.back();
        expected.push_back(state[k]);
      }
    ASSERT_EQ(model.runner->run({x.tensor()}, 2), NACRE_OK)
        << model.runner->error();
    EXPECT_EQ(model.runner->output<float>(0).data, expected);
    EXPECT_EQ(model.runner->output<float>(0).dims, x.dims);
    EXPECT_EQ(model.runner->output<float>(1).data, state);
  }
}

// Branches of unknown size, and a loop in a loop that carries one buffer whose
// size grows and one that is passed through unchanged.
TEST(Run, NestedControlFlow) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>, %z: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %r:2 = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %x, %b = %z) -> (tensor<?xf32>, tensor<?xf32>) {
        %q:2 = scf.for %j = %c0 to %c2 step %c1 iter_args(%p = %a, %k = %b) -> (tensor<?xf32>, tensor<?xf32>) {
          %n = tensor.dim %p, %c0 : tensor<?xf32>
          %m = arith.addi %n, %n : index
          %g = tensor.empty(%m) : tensor<?xf32>
          %s0 = tensor.insert_slice %p into %g[0] [%n] [1] : tensor<?xf32> into tensor<?xf32>
          %s1 = tensor.insert_slice %p into %s0[%n] [%n] [1] : tensor<?xf32> into tensor<?xf32>
          %odd = arith.cmpi eq, %j, %c1 : index
          %w = scf.if %odd -> tensor<?xf32> {
            scf.yield %s1 : tensor<?xf32>
          } else {
            %e = tensor.empty(%m) : tensor<?xf32>
            %d = kernel.call @twice ins(%s1 : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%m) -> tensor<?xf32>
            scf.yield %d : tensor<?xf32>
          }
          scf.yield %w, %k : tensor<?xf32>, tensor<?xf32>
        }
        scf.yield %q#0, %q#1 : tensor<?xf32>, tensor<?xf32>
      }
      return %r#0, %r#1, %r#0 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{3}, {1, 2, 3}}, z = {{2}, {7, 8}};
  std::vector<float> expected;
  for (int i = 0; i < 16; ++i)
    for (float value : x.data)
      expected.push_back(4 * value);
  ASSERT_EQ(model.runner->run({x.tensor(), z.tensor()}, 3), NACRE_OK)
      << model.runner->error();
  uint64_t memory = model.runner->memory();
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(model.runner->run({x.tensor(), z.tensor()}, 3), NACRE_OK)
        << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).data, expected);
  EXPECT_EQ(model.runner->output<float>(1).data, z.data);
  EXPECT_EQ(model.runner->output<float>(2).data, expected);
  EXPECT_EQ(model.runner->memory(), memory);
}

// A shape that comes as data: one dim becomes several dynamic ones.
TEST(Run, ReshapeByData) {
  Model model(R"(
    func.func @main(%x: tensor<?xf32>, %s: tensor<2xi64>) -> (tensor<?x?xf32>, tensor<?xf32>) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %a = tensor.extract %s[%c0] : tensor<2xi64>
      %b = tensor.extract %s[%c1] : tensor<2xi64>
      %m = arith.index_cast %a : i64 to index
      %k = arith.index_cast %b : i64 to index
      %n = tensor.dim %x, %c0 : tensor<?xf32>
      %p = arith.muli %m, %k : index
      %same = arith.cmpi eq, %p, %n : index
      program.check %same, "another number of elements"
      %e = tensor.empty(%n) : tensor<?xf32>
      %0 = kernel.call @twice ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      %1 = tensor.expand_shape %0 [[0, 1]] output_shape [%m, %k] : tensor<?xf32> into tensor<?x?xf32>
      %2 = tensor.collapse_shape %1 [[0, 1]] : tensor<?x?xf32> into tensor<?xf32>
      %f = tensor.empty(%n) : tensor<?xf32>
      %3 = kernel.call @add ins(%2, %x : tensor<?xf32>, tensor<?xf32>) outs(%f : tensor<?xf32>) dims(%n) -> tensor<?xf32>
      return %1, %3 : tensor<?x?xf32>, tensor<?xf32>
    })");
  ASSERT_TRUE(model.runner);
  Array<float> x = {{6}, {1, 2, 3, 4, 5, 6}};
  Array<int64_t> s = {{2}, {2, 3}}, wrong = {{2}, {2, 2}};
  ASSERT_EQ(model.runner->run({x.tensor(), s.tensor()}, 2), NACRE_OK)
      << model.runner->error();
  EXPECT_EQ(model.runner->output<float>(0).dims, s.data);
  EXPECT_EQ(model.runner->output<float>(0).data,
            (std::vector<float>{2, 4, 6, 8, 10, 12}));
  EXPECT_EQ(model.runner->output<float>(1).data,
            (std::vector<float>{3, 6, 9, 12, 15, 18}));
  EXPECT_EQ(model.runner->run({x.tensor(), wrong.tensor()}, 2),
            NACRE_DATA_ERROR);
  EXPECT_EQ(model.runner->error(), "another number of elements");
}
