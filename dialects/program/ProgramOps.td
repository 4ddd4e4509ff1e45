#ifndef NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD
#define NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD

include "dialects/program/ProgramDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Program_Op<string mnemonic, list<Trait> traits = []>
    : Op<Program_Dialect, mnemonic, traits>;

def Program_OutputTensorOp : Program_Op<"output_tensor"> {
  let summary = "The caller's buffer of an output, as a destination";
  let description = [{
    | | |
    |---|---|
    | Computes | an undefined tensor of the given dims which bufferizes to output `index`; at most one per output is executed in a run |
    | Source   | `program-plan`: a kernel that makes an output writes it in place |
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$dims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$index (`dims` `(` $dims^ `)`)? attr-dict `:` type($result)";
}

def Program_WeightTensorOp : Program_Op<"weight_tensor", [Pure]> {
  let summary = "A constant of the model, read-only, by its place in the weights";
  let description = [{
    | | |
    |---|---|
    | Computes | the tensor at byte `offset` of the artifact's weights |
    | Source   | `program-plan`: constants of the host function |
  }];
  let arguments = (ins I64Attr:$offset);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$offset attr-dict `:` type($result)";
}

def Program_ArenaOp : Program_Op<"arena", [MemoryEffects<[MemAlloc]>]> {
  let summary = "The context's arena, at least `bytes` long";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.arena`; 64-byte aligned; once per run, before any launch |
  }];
  let arguments = (ins Index:$bytes);
  let results = (outs MemRefRankOf<[I8], [1]>:$arena);
  let assemblyFormat = "$bytes attr-dict `:` type($arena)";
}

def Program_SliceOp : Program_Op<"slice", [Pure]> {
  let summary = "Bytes of the arena, or of the weights, as a buffer";
  let description = [{
    | | |
    |---|---|
    | Computes | a dense row-major buffer at byte `offset` of `base` |
  }];
  let arguments = (ins MemRefRankOf<[I8], [1]>:$base, Index:$offset, Variadic<Index>:$dims);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$base `[` $offset `]` (`dims` `(` $dims^ `)`)? attr-dict `:` type($base) `->` type($buffer)";
}

def Program_WeightsOp : Program_Op<"weights", [Pure]> {
  let summary = "A constant of the model at a byte offset of its weights";
  let arguments = (ins I64Attr:$offset);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$offset attr-dict `:` type($buffer)";
}

def Program_AllocOp : Program_Op<"alloc", [MemoryEffects<[MemAlloc]>]> {
  let summary = "A buffer whose size is known only during the run";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.alloc` of the dims' product; freed by `program.free` |
  }];
  let arguments = (ins Variadic<Index>:$dims);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "(`dims` `(` $dims^ `)`)? attr-dict `:` type($buffer)";
}

def Program_FreeOp : Program_Op<"free", [MemoryEffects<[MemFree]>]> {
  let summary = "Give a buffer of `program.alloc` back";
  let arguments = (ins AnyMemRef:$buffer);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}

def Program_OutputOp : Program_Op<"output", [MemoryEffects<[MemAlloc]>]> {
  let summary = "Fix the dims of an output and get its buffer";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.output` |
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$dims);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$index (`dims` `(` $dims^ `)`)? attr-dict `:` type($buffer)";
}

def Program_LaunchOp : Program_Op<"launch", [AttrSizedOperandSegments]> {
  let summary = "Run a kernel over a grid";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.launch` of `kernel` over `[0, grid)` with buffers, then scalars |
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Index:$grid, Variadic<AnyMemRef>:$buffers, Variadic<Index>:$scalars);
  let assemblyFormat = "$kernel `grid` `(` $grid `)` `buffers` `(` ($buffers^ `:` type($buffers))? `)` `scalars` `(` $scalars `)` attr-dict";
}

def Program_WaitOp : Program_Op<"wait"> {
  let summary = "Wait for all launches, before host code reads what they wrote";
  let assemblyFormat = "attr-dict";
}

def Program_CopyOp : Program_Op<"copy", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Copy a dense buffer after everything launched so far";
  let arguments = (ins AnyMemRef:$from, AnyMemRef:$to);
  let assemblyFormat = "$from `to` $to attr-dict `:` type($from) `to` type($to)";
}

def Program_CheckOp : Program_Op<"check"> {
  let summary = "Stop the run with an error if a condition does not hold";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.fail` with the op's location and `text`, and returns its status from the entry, if `condition` is false |
  }];
  let arguments = (ins I1:$condition, StrAttr:$text);
  let assemblyFormat = "$condition `,` $text attr-dict";
}

#endif // NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD
