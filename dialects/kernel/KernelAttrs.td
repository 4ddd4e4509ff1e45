#ifndef NACRE_DIALECTS_KERNEL_KERNELATTRS_TD
#define NACRE_DIALECTS_KERNEL_KERNELATTRS_TD

include "dialects/kernel/KernelDialect.td"
include "mlir/IR/AttrTypeBase.td"

class Kernel_Attr<string name, string mnem> : AttrDef<Kernel_Dialect, name> {
  let mnemonic = mnem;
}

def Kernel_TargetAttr : Kernel_Attr<"Target", "target"> {
  let summary = "A device and the facts that passes may decide by";
  let description = [{
    `#kernel.target<"cpu", {vector_bits = 512, l1_bytes = 32768}>`. Passes before
    codegen read facts, never the name. Keys and units: README of this folder.
  }];
  let parameters = (ins StringRefParameter<"device">:$device, "::mlir::DictionaryAttr":$facts);
  let assemblyFormat = "`<` $device `,` $facts `>`";
  let extraClassDeclaration = [{
    /// The integer fact `key`, or `fallback`.
    int64_t fact(::llvm::StringRef key, int64_t fallback) const;
    /// Whether host code cannot reach the memory that kernels work in.
    bool hasOwnMemory() const { return fact("own_memory", 0) != 0; }
  }];
}

def Kernel_ScheduleAttr : Kernel_Attr<"Schedule", "schedule"> {
  let summary = "How one kernel runs";
  let description = [{
    `grid`: tile per dim of output 0 that one grid point computes, 0 = all of the
    dim; the grid is the product of `ceildiv(dim, tile)`. An empty list is one
    grid point.
    `order`: the dims that `grid` tiles, slowest first; row-major without it.
    `tile`: register tile per loop of the root op, 0 = not tiled.
    `emitter`: what makes the code (`mlir`: tile, vectorize, LLVM; `loops`: plain
    loop nest).
  }];
  let parameters = (ins StringRefParameter<"emitter">:$emitter,
                        OptionalArrayRefParameter<"int64_t">:$grid,
                        OptionalArrayRefParameter<"int64_t">:$order,
                        OptionalArrayRefParameter<"int64_t">:$tile);
  let assemblyFormat = [{
    `<` $emitter (`,` `grid` `=` `[` $grid^ `]`)?
    (`,` `order` `=` `[` $order^ `]`)? (`,` `tile` `=` `[` $tile^ `]`)? `>`
  }];
}

#endif // NACRE_DIALECTS_KERNEL_KERNELATTRS_TD
