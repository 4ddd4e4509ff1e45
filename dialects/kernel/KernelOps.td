#ifndef NACRE_DIALECTS_KERNEL_KERNELOPS_TD
#define NACRE_DIALECTS_KERNEL_KERNELOPS_TD

include "dialects/kernel/KernelAttrs.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []>
    : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_GroupOp : Kernel_Op<"group", [RecursiveMemoryEffects, NoRegionArguments,
    SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "Ops that will be one kernel";
  let description = [{
    | | |
    |---|---|
    | Computes | the ops of the region; values around it may be read |
    | Shapes   | results are tensors whose dynamic dims are given by `dims`, in order of results and dims |
    | Errors   | (E1) yielded types differ from the results; (E2) number of `dims` |
    | Source   | made by `kernel-form`, and by `graph-to-linalg` for what is a loop nest from the start |

    `dims` are values from outside the group, so that the size of a result is
    known without looking inside.
  }];
  let arguments = (ins Variadic<Index>:$dims);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`dims` `(` $dims^ `)`)? attr-dict-with-keyword $body `:` type($outputs)";
  let hasVerifier = 1; // E1, E2
}

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, ReturnLike, Terminator, HasParent<"GroupOp">]> {
  let summary = "Results of a group";
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "operands attr-dict (`:` type($operands)^)?";
  let builders = [OpBuilder<(ins), [{ /* nothing to yield */ }]>];
}

def Kernel_CheckOp : Kernel_Op<"check"> {
  let summary = "Stop the run with an error if a condition does not hold";
  let description = [{
    | | |
    |---|---|
    | Computes | nothing; if `condition` is false the kernel reports `text` with the op's location and the run ends with an error. Code after it still runs: it must be safe for any value (clamp an index before it is used) |
    | Source   | data-dependent indices, bounds, divisors and trip counts |
  }];
  let arguments = (ins I1:$condition, StrAttr:$text);
  let assemblyFormat = "$condition `,` $text attr-dict";
}

def Kernel_FuncOp : Kernel_Op<"func", [FunctionOpInterface, IsolatedFromAbove, Symbol]> {
  let summary = "One kernel, in destination-passing form";
  let description = [{
    | | |
    |---|---|
    | Computes | its outputs from its inputs. Arguments: input tensors, then `num_outputs` output tensors (written by the kernel, contents undefined at first), then `index` scalars |
    | Shapes   | tensors are dense and row-major in memory; `arg_dims` names, for each dynamic dim of each tensor argument in order, the number of the index argument (counted among the index arguments) that is its size |
    | Errors   | (E1) argument order; (E2) length or range of `arg_dims`; (E3) returned types differ from the outputs |
    | Source   | made by `kernel-outline` |

    `schedule` (a `#kernel.schedule`), `target` (a `#kernel.target`) and
    `sources` (ONNX nodes) are discardable until `kernel-schedule` has run.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       I64Attr:$num_outputs, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$arg_dims,
                       OptionalAttr<Kernel_ScheduleAttr>:$schedule, OptionalAttr<Kernel_TargetAttr>:$target,
                       OptionalAttr<StrAttr>:$sources,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs,
                       OptionalAttr<StrAttr>:$sym_visibility);
  let regions = (region AnyRegion:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1; // E1, E2, E3
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::TypeRange":$arguments, "int64_t":$num_outputs,
                                 "::llvm::ArrayRef<int64_t>":$arg_dims)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    unsigned getNumIndexArguments();
    unsigned getNumTensorArguments() { return getNumArguments() - getNumIndexArguments(); }
    unsigned getNumInputs() { return getNumTensorArguments() - getNumOutputs(); }
    ::mlir::ArrayRef<::mlir::BlockArgument> getOutputArguments();
    /// The index argument that is the size of dim `dim` of tensor argument
    /// `argument`; -1 for a static dim.
    int64_t getDimArgument(unsigned argument, unsigned dim);
  }];
}

def Kernel_ReturnOp : Kernel_Op<"return", [Pure, ReturnLike, Terminator, HasParent<"FuncOp">]> {
  let summary = "The tensors that end up in the output arguments, in order";
  let arguments = (ins Variadic<AnyRankedTensor>:$operands);
  let assemblyFormat = "operands attr-dict (`:` type($operands)^)?";
}

def Kernel_CallOp : Kernel_Op<"call", [AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "Run a kernel";
  let description = [{
    | | |
    |---|---|
    | Computes | the results of `callee`, in the destinations `outs` (contents are overwritten, not read) |
    | Shapes   | results as `outs`; `dims` are the index arguments |
    | Errors   | (E1) `callee` is not a kernel.func; (E2) arguments do not match its signature |
    | Source   | made by `kernel-outline` |
  }];
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyShaped>:$inputs, Variadic<AnyShaped>:$outs, Variadic<Index>:$dims);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $callee (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $outs `:` type($outs) `)`
    (`dims` `(` $dims^ `)`)? attr-dict (`->` type($results)^)?
  }];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutsMutable(); }
  }];
}

#endif // NACRE_DIALECTS_KERNEL_KERNELOPS_TD
