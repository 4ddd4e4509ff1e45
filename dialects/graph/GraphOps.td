#ifndef NACRE_DIALECTS_GRAPH_GRAPHOPS_TD
#define NACRE_DIALECTS_GRAPH_GRAPHOPS_TD

include "dialects/graph/GraphElementwise.td"
include "dialects/graph/GraphHost.td"

//===-- Constants and shapes ----------------------------------------------===//

def Graph_ConstantOp : Graph_Op<"constant", [ConstantLike, AllTypesMatch<["value", "output"]>]> {
  let summary = "A tensor known at compile time";
  let description = [{
    | | |
    |---|---|
    | Computes | `output = value`: dense up to 1 KiB and for splats, else a resource named by the hash of its bytes |
    | Shapes   | static |
    | Dtypes   | any |
    | Source   | ONNX Constant-25, initializers |
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyStaticShapeTensor:$output);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value)>];
}

def Graph_ShapeOp : Graph_Op<"shape"> {
  let summary = "The dims of a tensor, as data";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[k] = dim k of input` |
    | Shapes   | `input: any`, `output: [rank]` |
    | Dtypes   | any to i64 |
    | Source   | ONNX Shape-25; `start` and `end` are a slice of the result |
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs 1DTensorOf<[I64]>:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Graph_RangeOp : Graph_Op<"range"> {
  let summary = "Count from a start by a step";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[i] = start + i * delta`, `max(ceil((limit - start) / delta), 0)` elements |
    | Shapes   | three scalars to `[n]` |
    | Dtypes   | f32, f64, f16, bf16, i16, i32, i64, all the same |
    | Errors   | (E1) operands are not scalars of one type; (E2) a constant `delta` of 0 |
    | Source   | ONNX Range-11 |
  }];
  let arguments = (ins 0DTensorOf<[AnyType]>:$start, 0DTensorOf<[AnyType]>:$limit, 0DTensorOf<[AnyType]>:$delta);
  let results = (outs 1DTensorOf<[AnyType]>:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_RandomOp : Graph_Op<"random"> {
  let summary = "Pseudo-random elements, the same for the same seed";
  let description = [{
    | | |
    |---|---|
    | Computes | element i from a counter-based generator (Philox 4x32-10) keyed by `seed`: uniform in `[a, b)`, or normal with mean `a` and deviation `b` |
    | Shapes   | `shape: [rank]` gives the dims |
    | Dtypes   | f16, bf16, f32, f64 |
    | Errors   | (E1) `shape` is not a 1-D i64 tensor of static length; (E2) `dtype` is not such a float |
    | Source   | ONNX RandomUniform-22, RandomNormal-22; Salmon et al., 2011 |
  }];
  let arguments = (ins 1DTensorOf<[I64]>:$shape, Graph_RandomKind:$kind, F64Attr:$a, F64Attr:$b, I64Attr:$seed, TypeAttr:$dtype);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$kind $shape attr-dict `:` functional-type(operands, results)";
}

//===-- Data movement ------------------------------------------------------===//

def Graph_ReshapeOp : Graph_Op<"reshape"> {
  let summary = "The same elements under other dims";
  let description = [{
    | | |
    |---|---|
    | Computes | the elements of `input` in row-major order; in `shape` 0 copies the dim of `input` (unless `allow_zero`) and one -1 takes what is left |
    | Shapes   | `shape: [rank of output]` |
    | Edge     | a size that is 0 only where a dim is (an empty tensor) does not copy; what -1 takes of an empty tensor is what is left where no dim is 0 |
    | Dtypes   | any |
    | Errors   | (E1) `shape` is not a 1-D i64 tensor of static length; (E2) more than one -1, or a size below -1; (E3) element counts differ, or a 0 has no dim to copy |
    | Source   | ONNX Reshape-25 |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$shape, DefaultValuedAttr<BoolAttr, "false">:$allow_zero);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `to` $shape attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_CollapseOp : Graph_Op<"collapse"> {
  let summary = "Merge runs of neighbouring dims";
  let description = [{
    | | |
    |---|---|
    | Computes | output dim k is the product of input dims `[starts[k], starts[k + 1])` |
    | Dtypes   | any |
    | Errors   | (E1) `starts` does not begin with 0, ascend, and stay below the rank |
    | Source   | ONNX Flatten-25 and others |
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$starts);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `starts` $starts attr-dict `:` functional-type(operands, results)";
}

def Graph_SqueezeOp : Graph_Op<"squeeze"> {
  let summary = "Drop dims of size 1";
  let description = [{
    | | |
    |---|---|
    | Computes | `input` without the dims in `axes` |
    | Dtypes   | any |
    | Errors   | (E1) an axis outside `[0, rank)` or named twice; (E2) a dim that is not 1 |
    | Source   | ONNX Squeeze-25 |
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$axes);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `axes` $axes attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_UnsqueezeOp : Graph_Op<"unsqueeze"> {
  let summary = "Insert dims of size 1";
  let description = [{
    | | |
    |---|---|
    | Computes | `input` with a dim of 1 at each of `axes`, which count in the output |
    | Dtypes   | any |
    | Errors   | (E1) an axis outside `[0, rank + number of axes)` or named twice |
    | Source   | ONNX Unsqueeze-25 |
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$axes);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `axes` $axes attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_BroadcastOp : Graph_Op<"broadcast"> {
  let summary = "Repeat dims of size 1 to a shape";
  let description = [{
    | | |
    |---|---|
    | Computes | `input` and `shape` broadcast against each other as in numpy (a 1 in `shape` keeps the dim) |
    | Shapes   | `shape: [rank of shape]` |
    | Dtypes   | any |
    | Errors   | (E1) `shape` is not a 1-D i64 tensor of static length; (E2) dims do not broadcast |
    | Source   | ONNX Expand-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$shape);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `to` $shape attr-dict `:` functional-type(operands, results)";
}

def Graph_TransposeOp : Graph_Op<"transpose"> {
  let summary = "Reorder dims";
  let description = [{
    | | |
    |---|---|
    | Computes | output dim k is input dim `perm[k]` |
    | Dtypes   | any |
    | Errors   | (E1) `perm` is not a permutation of `[0, rank)` |
    | Source   | ONNX Transpose-25 |
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$perm);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `perm` $perm attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_ConcatOp : Graph_Op<"concat"> {
  let summary = "Join tensors along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | the inputs one after the other along `axis` |
    | Dtypes   | any, all the same |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) ranks, types or other dims differ; (E3) no input |
    | Source   | ONNX Concat-13 |
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64Attr:$axis);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$inputs `axis` $axis attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Graph_SliceOp : Graph_Op<"slice"> {
  let summary = "Take every step-th element between bounds";
  let description = [{
    | | |
    |---|---|
    | Computes | along axis `axes[k]` the elements from `starts[k]` (in) to `ends[k]` (out) by `steps[k]`; negative bounds count from the end, bounds are clamped as in numpy |
    | Shapes   | `starts`, `ends`: `[number of axes]`, static length |
    | Dtypes   | any; bounds i64 |
    | Errors   | (E1) an axis outside `[0, rank)` or named twice; (E2) a step of 0; (E3) lengths differ |
    | Source   | ONNX Slice-13, Split-18; steps are constants |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$starts, 1DTensorOf<[I64]>:$ends,
                       DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$steps);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `from` $starts `to` $ends `axes` $axes `steps` $steps attr-dict `:` functional-type(operands, results)";
}

def Graph_PadOp : Graph_Op<"pad"> {
  let summary = "Add or remove elements at the borders";
  let description = [{
    | | |
    |---|---|
    | Computes | `pads[k]` elements before and `pads[rank + k]` after dim k, by `mode`; a negative pad removes |
    | Shapes   | `pads: [2 * rank]`; `value` a scalar, read in mode `constant` only |
    | Dtypes   | any; `value` has the type of `input` |
    | Errors   | (E1) `pads` is not of length 2 * rank; (E2) `value` has another type; (E3) a negative result dim |
    | Source   | ONNX Pad-25; the importer spreads `axes` over all dims |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$pads, 0DTensorOf<[AnyType]>:$value, Graph_PadMode:$mode);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$mode $input `by` $pads `,` $value attr-dict `:` functional-type(operands, results)";
}

def Graph_TileOp : Graph_Op<"tile"> {
  let summary = "Repeat a tensor along its dims";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[i] = input[i mod dim]`, dim k repeated `repeats[k]` times |
    | Dtypes   | any; `repeats` i64 |
    | Errors   | (E1) `repeats` is not of length rank; (E2) a negative count |
    | Source   | ONNX Tile-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$repeats);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `by` $repeats attr-dict `:` functional-type(operands, results)";
}

def Graph_BitcastOp : Graph_Op<"bitcast"> {
  let summary = "The same bits as another type of the same width";
  let description = [{
    | | |
    |---|---|
    | Computes | the bits of `input` read as `to` |
    | Dtypes   | any of equal width |
    | Errors   | (E1) widths differ |
    | Source   | ONNX BitCast-26 |
  }];
  let arguments = (ins AnyRankedTensor:$input, TypeAttr:$to);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

//===-- Gather and scatter -------------------------------------------------===//

class Graph_IndexedOp<string mnemonic> : Graph_Op<mnemonic> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let results = (outs AnyRankedTensor:$output);
}

def Graph_GatherOp : Graph_IndexedOp<"gather"> {
  let summary = "Take slices of one axis by index";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[a..., i..., b...] = input[a..., indices[i...], b...]`; a negative index counts from the end |
    | Shapes   | rank of output = rank of input - 1 + rank of indices |
    | Dtypes   | any; indices i32 or i64 |
    | Errors   | (E1) `axis` outside `[0, rank)` |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX Gather-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I32, I64]>:$indices, I64Attr:$axis);
}

def Graph_GatherElementsOp : Graph_IndexedOp<"gather_elements"> {
  let summary = "Take one element per index along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[i, j, k] = input[i, indices[i, j, k], k]` (for axis 1); a negative index counts from the end |
    | Shapes   | output as indices |
    | Dtypes   | any; indices i32 or i64 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) ranks differ |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX GatherElements-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I32, I64]>:$indices, I64Attr:$axis);
}

def Graph_GatherNdOp : Graph_IndexedOp<"gather_nd"> {
  let summary = "Take slices by index tuples";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[b..., i..., s...] = input[b..., indices[b..., i..., :]..., s...]` |
    | Shapes   | the last dim of `indices` is static: the length of a tuple |
    | Dtypes   | any; indices i64 |
    | Errors   | (E1) `batch_dims` not below either rank; (E2) a tuple longer than the dims left; (E3) a dynamic tuple length |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX GatherND-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I32, I64]>:$indices, I64Attr:$batch_dims);
}

def Graph_ScatterElementsOp : Graph_IndexedOp<"scatter_elements"> {
  let summary = "Write one element per index along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | a copy of `input` where `output[i, indices[i, j, k], k]` meets `updates[i, j, k]` by `kind`, in row-major order of the updates |
    | Shapes   | updates as indices |
    | Dtypes   | any; indices i32 or i64 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) ranks, shapes or types differ |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX ScatterElements-18 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I32, I64]>:$indices, AnyRankedTensor:$updates,
                       I64Attr:$axis, Graph_ScatterKind:$kind);
}

def Graph_ScatterNdOp : Graph_IndexedOp<"scatter_nd"> {
  let summary = "Write slices by index tuples";
  let description = [{
    | | |
    |---|---|
    | Computes | a copy of `input` where `output[indices[i..., :]..., s...]` meets `updates[i..., s...]` by `kind`, in row-major order |
    | Shapes   | the last dim of `indices` is static |
    | Dtypes   | any; indices i64 |
    | Errors   | (E1) a tuple longer than the rank; (E2) shapes or types differ; (E3) a dynamic tuple length |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX ScatterND-18 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I32, I64]>:$indices, AnyRankedTensor:$updates, Graph_ScatterKind:$kind);
}

def Graph_NonZeroOp : Graph_Op<"non_zero"> {
  let summary = "Indices of the elements that are not zero";
  let description = [{
    | | |
    |---|---|
    | Computes | column j of `output` is the index of the j-th non-zero element in row-major order |
    | Shapes   | `output: [rank, n]`, n known after the run; a scalar input counts as rank 1 (ONNX: [0 or 1 column]) |
    | Dtypes   | any to i64 |
    | Source   | ONNX NonZero-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs 2DTensorOf<[I64]>:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Graph_TopKOp : Graph_Op<"topk"> {
  let summary = "The k greatest or least elements along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | values and indices, best first; of equal elements the lower index first |
    | Shapes   | `k` a scalar; the dim of `axis` becomes k |
    | Dtypes   | numbers; indices i64 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) a constant `k` outside `[0, dim]`; (E3) not a number |
    | Edge     | NaN counts as greatest; a `k` out of range stops the run with an error |
    | Source   | ONNX TopK-24; always sorted |
  }];
  let arguments = (ins AnyRankedTensor:$input, 0DTensorOf<[I64]>:$k, I64Attr:$axis, BoolAttr:$largest);
  let results = (outs AnyRankedTensor:$values, RankedTensorOf<[I64]>:$indices);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_UniqueOp : Graph_Op<"unique"> {
  let summary = "The different rows of a matrix, and which of them each row is";
  let description = [{
    | | |
    |---|---|
    | Computes | groups of equal rows, in ascending order of rows (element 0 decides first) if `sorted`, else of first occurrence: `first[g]` is the first row of group g, `inverse[i]` the group of row i |
    | Shapes   | `rows: [n, m]`, `first: [number of groups]` (known after the run), `inverse: [n]` |
    | Dtypes   | any to i64 |
    | Errors   | (E1) `rows` is not a matrix |
    | Edge     | NaN equals NaN and is greatest; -0 equals 0; rows of no elements are equal |
    | Source   | ONNX Unique-28: values are a gather by `first`, counts a scatter by `inverse` |
  }];
  let arguments = (ins AnyRankedTensor:$rows, BoolAttr:$sorted);
  let results = (outs 1DTensorOf<[I64]>:$first, 1DTensorOf<[I64]>:$inverse);
  let assemblyFormat = "$rows attr-dict `:` functional-type(operands, results)";
}

def Graph_NonMaxSuppressionOp : Graph_Op<"non_max_suppression"> {
  let summary = "Boxes of high score that overlap no better one";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[b, c, :]`: numbers of the boxes chosen for class c, best first, then -1. Of the boxes whose score is above `score_threshold`, the best (of equals the first) is chosen and those whose intersection over union with it is above `iou_threshold` are dropped, until `max_output` are chosen |
    | Shapes   | `boxes: [B, N, 4]`, `scores: [B, C, N]`, `output: [B, C, max_output in [0, N]]`; a box is two opposite corners, or centre and size if `centered` |
    | Dtypes   | f32 to i64 |
    | Errors   | (E1) operands are not of these shapes and types; (E2) `boxes` and `scores` do not fit |
    | Edge     | a NaN score is never chosen; boxes without area are never dropped |
    | Source   | ONNX NonMaxSuppression-11: the importer packs the chosen through `non_zero` |
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$boxes, RankedTensorOf<[F32]>:$scores, RankedTensorOf<[I64]>:$max_output,
                       RankedTensorOf<[F32]>:$iou_threshold, RankedTensorOf<[F32]>:$score_threshold, BoolAttr:$centered);
  let results = (outs 3DTensorOf<[I64]>:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_TreeLeavesOp : Graph_Op<"tree_leaves"> {
  let summary = "Leaves of decision trees";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[i, t]`: the node reached from `roots[t]` in `depth` steps. Node k goes to `yes[k]` if `input[i, feature[k]]` stands to `threshold[k]` as `mode[k]` says (0 `<=`, 1 `<`, 2 `>=`, 3 `>`, 4 `==`, 5 `!=`), or is NaN and `missing[k]`; else to `no[k]`. A leaf goes to itself |
    | Shapes   | `input: [N, F]`, `roots: [T]`, the tables `[K]`, `output: [N, T]` |
    | Dtypes   | f32, f64, `threshold` the same; indices i64, `missing` i1 |
    | Errors   | (E1) operands are not of these ranks, or tables of other lengths; (E2) types; (E3) a negative depth |
    | Edge     | an index out of range stops the run with an error |
    | Source   | ONNX TreeEnsemble-5 (ai.onnx.ml): weights are a gather by leaf |
  }];
  let arguments = (ins RankedTensorOf<[F32, F64]>:$input, RankedTensorOf<[I64]>:$roots, RankedTensorOf<[I64]>:$feature,
                       RankedTensorOf<[F32, F64]>:$threshold, RankedTensorOf<[I64]>:$mode, RankedTensorOf<[I64]>:$yes,
                       RankedTensorOf<[I64]>:$no, RankedTensorOf<[I1]>:$missing, I64Attr:$depth);
  let results = (outs 2DTensorOf<[I64]>:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

//===-- Reductions ---------------------------------------------------------===//

def Graph_ReduceOp : Graph_Op<"reduce"> {
  let summary = "Combine the elements along axes";
  let description = [{
    | | |
    |---|---|
    | Computes | all elements along `axes` by `kind`; of none: 0, 1, the least, the greatest value, false, true |
    | Shapes   | dims in `axes` become 1 if `keep_dims`, else go |
    | Dtypes   | numbers (`any`, `all`: i1); f16 and bf16 accumulate in f32; integers wrap |
    | Errors   | (E1) an axis outside `[0, rank)` or named twice; (E2) a type that `kind` does not take |
    | Edge     | NaN anywhere gives NaN |
    | Source   | ONNX ReduceSum-13, ReduceProd-18, ReduceMax-20, ReduceMin-20; others are composed |
  }];
  let arguments = (ins Graph_ReduceKind:$kind, AnyRankedTensor:$input, DenseI64ArrayAttr:$axes, BoolAttr:$keep_dims);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$kind $input `axes` $axes attr-dict `:` functional-type(operands, results)";
}

def Graph_ArgReduceOp : Graph_Op<"arg_reduce"> {
  let summary = "Index of the greatest or least element along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | the index along `axis`; of equal elements the first, or the last if `select_last` |
    | Shapes   | the dim of `axis` becomes 1 if `keep_dims`, else goes |
    | Dtypes   | numbers to i64 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) a dim of 0; (E3) not a number |
    | Edge     | the first NaN wins |
    | Source   | ONNX ArgMax-13, ArgMin-13 |
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, BoolAttr:$largest, BoolAttr:$select_last, BoolAttr:$keep_dims);
  let results = (outs RankedTensorOf<[I64]>:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Graph_SoftmaxOp : Graph_Op<"softmax"> {
  let summary = "Normalize slices along one axis to a probability distribution";
  let description = [{
    | | |
    |---|---|
    | Computes | `output = exp(input - max) / sum(exp(input - max))` along `axis`, or its logarithm if `log` |
    | Shapes   | output as input |
    | Dtypes   | f16, bf16, f32, f64; f16 and bf16 accumulate in f32 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) not a float |
    | Edge     | a slice of length 0 yields a slice of length 0 |
    | Source   | ONNX Softmax-13, LogSoftmax-13. Older opsets are rewritten by the importer |
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "false">:$log);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` functional-type(operands, results)";
}

def Graph_ScanOp : Graph_Op<"scan"> {
  let summary = "Running sum or product along an axis";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[i]` combines `input[0..i]` along `axis` (without i if `exclusive`), from the end if `reverse` |
    | Shapes   | output as input |
    | Dtypes   | numbers; f16 and bf16 accumulate in f32 |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) not a number |
    | Source   | ONNX CumSum-14, CumProd-26 |
  }];
  let arguments = (ins Graph_ScanKind:$kind, AnyRankedTensor:$input, I64Attr:$axis, BoolAttr:$exclusive, BoolAttr:$reverse);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$kind $input `axis` $axis attr-dict `:` functional-type(operands, results)";
}

//===-- Contractions and windows -------------------------------------------===//

def Graph_MatmulOp : Graph_Op<"matmul"> {
  let summary = "Batched matrix product";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[b..., m, n] = sum over k of lhs[b..., m, k] * rhs[b..., k, n]` |
    | Shapes   | rank 2 or more on both sides; batch dims broadcast as in numpy |
    | Dtypes   | floats (f16 and bf16 accumulate in f32 and are rounded once); 8-bit integers, signs may differ, to i32; i32, i64, ui32, ui64 wrap |
    | Errors   | (E1) a rank below 2; (E2) `k` differs; (E3) batch dims do not broadcast; (E4) types do not fit |
    | Source   | ONNX MatMul-13, Gemm-13, MatMulInteger-10 (zero points are subtracted before) |
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_DetOp : Graph_Op<"det"> {
  let summary = "Determinants of matrices";
  let description = [{
    | | |
    |---|---|
    | Computes | the determinant of each matrix of the last two dims, by elimination with partial pivoting; 1 of an empty matrix |
    | Shapes   | `input: [batch..., n, n]`, `output: [batch...]` |
    | Dtypes   | f32, f64 |
    | Errors   | (E1) not square matrices; (E2) types |
    | Source   | ONNX Det-22; narrower floats are cast by the importer |
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_InverseOp : Graph_Op<"inverse"> {
  let summary = "Inverses of matrices";
  let description = [{
    | | |
    |---|---|
    | Computes | the inverse of each matrix of the last two dims, by elimination with partial pivoting |
    | Shapes   | `input: [batch..., n, n]`, output as input |
    | Dtypes   | f32, f64 |
    | Errors   | (E1) not square matrices; (E2) types |
    | Edge     | of a singular matrix: elements that are not finite |
    | Source   | Inverse of com.microsoft; narrower floats are cast by the importer |
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

class Graph_WindowAttrs {
  dag args = (ins DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads);
}

def Graph_ConvOp : Graph_Op<"conv"> {
  let summary = "Grouped convolution";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[n, o, x...] = sum over c, r... of input[n, g + c, x * stride + r * dilation - pad...] * weight[o, c, r...]`; outside `input` is 0 (ONNX Conv is a correlation) |
    | Shapes   | `input: [N, C, spatial...]`, `weight: [O, C / groups, window...]`; `pads`: before each spatial dim, then after each |
    | Dtypes   | floats (f16 and bf16 accumulate in f32); 8-bit integers, signs may differ, to i32 |
    | Errors   | (E1) ranks; (E2) length of strides, dilations or pads; (E3) channels and groups; (E4) types; (E5) a stride or dilation below 1; (E6) the window is larger than the padded input |
    | Source   | ONNX Conv-22, ConvInteger-10; bias is an add after it; auto_pad is resolved by the importer |
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$weight,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, I64Attr:$groups);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_ConvTransposeOp : Graph_Op<"conv_transpose"> {
  let summary = "Grouped transposed convolution";
  let description = [{
    | | |
    |---|---|
    | Computes | the gradient of `conv`: `output[n, o, x * stride + r * dilation - pad...] += input[n, c, x...] * weight[c, o, r...]` |
    | Shapes   | `input: [N, C, spatial...]`, `weight: [C, O / groups, window...]`; dim = `stride * (in - 1) + output_padding + (window - 1) * dilation + 1 - pads` |
    | Dtypes   | floats; f16 and bf16 accumulate in f32 |
    | Errors   | (E1) ranks; (E2) length of an attribute; (E3) channels and groups; (E4) types; (E5) a stride or dilation below 1; (E6) a negative dim |
    | Source   | ONNX ConvTranspose-22; auto_pad and output_shape are resolved by the importer |
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$weight,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$output_padding, I64Attr:$groups);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Graph_PoolOp : Graph_Op<"pool"> {
  let summary = "Combine the elements of a sliding window";
  let description = [{
    | | |
    |---|---|
    | Computes | `max`: greatest; `sum`: sum; `avg`: mean of the elements inside; `avg_include_pad`: mean over the window, padding counted as 0 (but not what `ceil_mode` adds beyond it) |
    | Shapes   | `input: [N, C, spatial...]`; dims as in `conv`, rounded up if `ceil_mode` (a window that would start in the padding after is dropped) |
    | Dtypes   | numbers; means: floats, f16 and bf16 accumulate in f32 |
    | Errors   | (E1) rank below 3; (E2) length of an attribute; (E3) types; (E4) a stride, dilation or window below 1; (E5) the window is larger than the padded input (and what `ceil_mode` adds) |
    | Source   | ONNX MaxPool-22, AveragePool-22, LpPool-22 (through `sum`) |
  }];
  let arguments = (ins Graph_PoolKind:$kind, AnyRankedTensor:$input, DenseI64ArrayAttr:$window,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads, BoolAttr:$ceil_mode);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$kind $input attr-dict `:` functional-type(operands, results)";
}

def Graph_PoolIndicesOp : Graph_Op<"pool_indices"> {
  let summary = "Where a max pool found its elements";
  let description = [{
    | | |
    |---|---|
    | Computes | the row-major (column-major over the spatial dims if `column_major`) index into the whole of `input` of the first greatest element of each window |
    | Shapes   | as `pool` |
    | Dtypes   | numbers to i64 |
    | Errors   | (E1) to (E5) as `pool` |
    | Source   | ONNX MaxPool-22, second output |
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$window,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$pads,
                       BoolAttr:$ceil_mode, BoolAttr:$column_major);
  let results = (outs RankedTensorOf<[I64]>:$output);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}

def Graph_ResizeOp : Graph_Op<"resize"> {
  let summary = "Resample along dims";
  let description = [{
    | | |
    |---|---|
    | Computes | ONNX Resize along every dim whose `scales[k]` is not 1 or whose size changes; coordinates by `coord`, samples by `mode` |
    | Shapes   | `sizes: [rank]` gives the output dims, `scales: [rank]` the factors used for coordinates (the importer computes one from the other); `roi: [2 * rank]` (or empty) is read by `tf_crop_and_resize` only |
    | Dtypes   | any for `nearest`, else floats and 8-bit integers (rounded); computed in f32 |
    | Errors   | (E1) operands' lengths; (E2) types |
    | Source   | ONNX Resize-19 |
  }];
  let arguments = (ins AnyRankedTensor:$input, 1DTensorOf<[I64]>:$sizes, 1DTensorOf<[F32]>:$scales, 1DTensorOf<[F32]>:$roi,
                       Graph_ResizeMode:$mode, Graph_ResizeCoord:$coord, Graph_ResizeNearest:$nearest,
                       F64Attr:$cubic_a, BoolAttr:$exclude_outside, BoolAttr:$antialias, F64Attr:$extrapolation);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$mode $input `to` $sizes `,` $scales `,` $roi attr-dict `:` functional-type(operands, results)";
}

//===-- Control flow -------------------------------------------------------===//

def Graph_YieldOp : Op<Graph_Dialect, "yield", [Pure, ReturnLike, Terminator,
    ParentOneOf<["IfOp", "LoopOp"]>]> {
  let summary = "Values that leave a region";
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "operands attr-dict (`:` type($operands)^)?";
  let builders = [OpBuilder<(ins), [{ /* nothing to yield */ }]>];
}

def Graph_IfOp : Graph_Op<"if", [RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">, NoRegionArguments]> {
  let summary = "One of two computations";
  let description = [{
    | | |
    |---|---|
    | Computes | the values of `then_region` if `condition`, else of `else_region`; regions read values around them |
    | Shapes   | a dim is known where both regions agree |
    | Dtypes   | `condition` i1, one element |
    | Errors   | (E1) regions yield other numbers or types of values; (E2) `condition` is not one i1 |
    | Source   | ONNX If-25 |
  }];
  let arguments = (ins RankedTensorOf<[I1]>:$condition);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let assemblyFormat = "$condition `then` $then_region `else` $else_region attr-dict `:` functional-type(operands, results)";
}

def Graph_LoopOp : Graph_Op<"loop", [RecursiveMemoryEffects, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Repeat a computation";
  let description = [{
    | | |
    |---|---|
    | Computes | runs `body(i, carried...) -> (go on, carried..., scanned...)` while `i < trip_count` and `go on` (at first `condition`); results are the last carried values, then each scanned value stacked along a new dim 0 |
    | Shapes   | a carried value may change its dims, not its rank; the length of stacks is known after the run, or from a constant trip count and `condition` |
    | Dtypes   | `trip_count` i64 scalar (the importer gives the greatest i64 for none), `condition` i1 scalar; region argument i is an i64 scalar |
    | Errors   | (E1) region arguments do not match the carried values; (E2) yielded values do not match; (E3) `trip_count` or `condition` is not a scalar |
    | Source   | ONNX Loop-25, Scan-25 |
  }];
  let arguments = (ins RankedTensorOf<[I64]>:$trip_count, RankedTensorOf<[I1]>:$condition, Variadic<AnyRankedTensor>:$inits);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "operands $body attr-dict `:` functional-type(operands, results)";
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHOPS_TD
