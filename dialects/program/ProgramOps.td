#ifndef NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD
#define NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD

include "dialects/program/ProgramDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ViewLikeInterface.td"

class Program_Op<string mnemonic, list<Trait> traits = []>
    : Op<Program_Dialect, mnemonic, traits>;

/// An op that makes a buffer; its operands `dims` are the dynamic dims, in order.
class Program_BufferOp<string mnemonic, list<Trait> traits = []>
    : Program_Op<mnemonic, !listconcat(traits,
        [DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>])> {
  let hasVerifier = 1; // E1
}

def Program_ArenaOp : Program_Op<"arena", [MemoryEffects<[MemWrite]>]> {
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

def Program_SliceOp : Program_BufferOp<"slice", [Pure, DeclareOpInterfaceMethods<ViewLikeOpInterface>]> {
  let summary = "Bytes of the arena as a buffer";
  let description = [{
    | | |
    |---|---|
    | Computes | a dense row-major buffer at byte `offset` of `base`; slices may share bytes if their values are never needed at the same time |
    | Errors   | (E1) number of `dims` |
    | Source   | `program-place` |
  }];
  let arguments = (ins MemRefRankOf<[I8], [1]>:$base, Index:$offset, Variadic<Index>:$dims);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$base `[` $offset `]` (`dims` `(` $dims^ `)`)? attr-dict `:` type($base) `->` type($buffer)";
}

def Program_WeightsOp : Program_Op<"weights", [Pure]> {
  let summary = "A constant of the model at a byte offset of its weights";
  let description = [{
    | | |
    |---|---|
    | Computes | the read-only buffer at byte `offset` of `nacre_host.weights`; the bytes are those of the module's `program.weights` |
    | Source   | `program-plan`: constants of the host function |
  }];
  let arguments = (ins I64Attr:$offset);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$offset attr-dict `:` type($buffer)";
}

def Program_AllocOp : Program_BufferOp<"alloc"> {
  let summary = "A buffer whose size is known only during the run";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.alloc` of the dims' product; freed by `program.free`. A negative dim or a product beyond 2^48 bytes ends the run with an error |
    | Errors   | (E1) number of `dims` |
    | Source   | `program-place`: sizes that depend on data, buffers that a loop carries |
  }];
  let arguments = (ins Variadic<Index>:$dims);
  let results = (outs Res<AnyMemRef, "", [MemAlloc]>:$buffer);
  let assemblyFormat = "(`dims` `(` $dims^ `)`)? attr-dict `:` type($buffer)";
}

def Program_FreeOp : Program_Op<"free"> {
  let summary = "Give a buffer of `program.alloc` back";
  let description = [{
    | | |
    |---|---|
    | Computes | nothing; `buffer` must not be used after it |
    | Source   | `program-plan` |
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemFree]>:$buffer);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}

def Program_OutputOp : Program_BufferOp<"output", [MemoryEffects<[MemWrite]>]> {
  let summary = "Fix the dims of an output and get its buffer";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.output`: the caller's buffer, or one of the context; aligned to its element only. Once per output and run |
    | Errors   | (E1) number of `dims` |
    | Source   | `program-plan` |
  }];
  let arguments = (ins I64Attr:$index, Variadic<Index>:$dims);
  let results = (outs AnyMemRef:$buffer);
  let assemblyFormat = "$index (`dims` `(` $dims^ `)`)? attr-dict `:` type($buffer)";
}

def Program_LaunchOp : Program_Op<"launch", [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Run a kernel over a grid";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.launch` of `kernel` over `[0, grid)` with the words `inputs`, `outs`, `scalars`; `remote`: in memory of a device that host code cannot reach |
    | Source   | `program-launch`: a `kernel.call` on buffers |
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, UnitAttr:$remote, Index:$grid, Variadic<AnyMemRef>:$inputs, Variadic<AnyMemRef>:$outs, Variadic<Index>:$scalars);
  let assemblyFormat = [{
    $kernel (`remote` $remote^)? `grid` `(` $grid `)` (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $outs `:` type($outs) `)`
    (`scalars` `(` $scalars^ `)`)? attr-dict
  }];
}

def Program_WaitOp : Program_Op<"wait", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Wait for all launches";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.wait`, before host code reads what a kernel wrote, or writes what one reads |
    | Source   | `program-wait` |
  }];
  let assemblyFormat = "attr-dict";
}

def Program_CopyOp : Program_Op<"copy", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Copy a dense buffer after everything launched so far";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.copy` of all bytes, or `copy_on` if `remote`; both buffers are dense and equally long |
    | Source   | `program-launch`; `program-transfer` decides `remote` |
  }];
  let arguments = (ins AnyMemRef:$from, AnyMemRef:$to, UnitAttr:$remote);
  let assemblyFormat = "(`remote` $remote^)? $from `to` $to attr-dict `:` type($from) `to` type($to)";
}

def Program_UploadOp : Program_Op<"upload", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Bring what host code wrote to the device";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.upload` of all bytes of a dense buffer, in order with all launches |
    | Source   | `program-transfer` |
  }];
  let arguments = (ins AnyMemRef:$buffer);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}

def Program_DownloadOp : Program_Op<"download", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Bring what the device wrote to host code";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.download` of all bytes of a dense buffer, in order with all launches; host code waits before it reads them |
    | Source   | `program-transfer` |
  }];
  let arguments = (ins AnyMemRef:$buffer);
  let assemblyFormat = "$buffer attr-dict `:` type($buffer)";
}

def Program_CheckOp : Program_Op<"check", [MemoryEffects<[MemWrite]>]> {
  let summary = "Stop the run with an error if a condition does not hold";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.fail` with the op's location and `text`, and returns its status from the entry, if `condition` is false |
  }];
  let arguments = (ins I1:$condition, StrAttr:$text);
  let assemblyFormat = "$condition `,` $text attr-dict";
}

def Program_HostOp : Program_Op<"host", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Call a function of the host by its name";
  let description = [{
    | | |
    |---|---|
    | Computes | `nacre_host.call` of `function` with `inputs` and `integers`. `types` are the element types of the inputs, then of the outputs, as the model knows them: signs, and what handles stand for. Outputs are read-only and stay until the run is over; what their type says of their dims is checked |
    | Errors   | (E1) number of `types` |
    | Source   | `graph-to-linalg`: ops on strings, sequences, optionals and maps |
  }];
  let arguments = (ins StrAttr:$function, DenseI64ArrayAttr:$integers, TypeArrayAttr:$types,
                       Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$inputs);
  let results = (outs Variadic<AnyTypeOf<[AnyRankedTensor, AnyMemRef]>>:$outputs);
  let assemblyFormat = "$function $integers $types `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
  let hasVerifier = 1; // E1
}

#endif // NACRE_DIALECTS_PROGRAM_PROGRAMOPS_TD
