#ifndef NACRE_DIALECTS_GRAPH_GRAPHELEMENTWISE_TD
#define NACRE_DIALECTS_GRAPH_GRAPHELEMENTWISE_TD

include "dialects/graph/GraphBase.td"

// Elementwise ops. Their text is made from four facts, as all else is common:
// operands broadcast as in numpy, any dim may be dynamic, a size of 0 gives 0.
class Graph_ElementwiseOp<string mnemonic, string computes, string dtypes,
                          string source, list<Trait> traits = []>
    : Graph_Op<mnemonic, traits # [
        DeclareOpInterfaceMethods<Graph_ElementwiseOpInterface>]> {
  let description = !strconcat([{
    | | |
    |---|---|
    | Computes | }], computes, [{ |
    | Shapes   | operands broadcast against each other as in numpy; any dim may be dynamic |
    | Dtypes   | }], dtypes, [{ |
    | Errors   | (E1) operands do not broadcast; (E2) element types do not fit |
    | Source   | }], source, [{ |
  }]);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

class Graph_UnaryOp<string mnemonic, string computes, string dtypes, string source>
    : Graph_ElementwiseOp<mnemonic, computes, dtypes, source> {
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$output);
}

class Graph_BinaryOp<string mnemonic, string computes, string dtypes, string source,
                     list<Trait> traits = []>
    : Graph_ElementwiseOp<mnemonic, computes, dtypes, source, traits> {
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$output);
}

defvar FLOATS = "f16, bf16, f32, f64; the result has the operands' type";
defvar NUMBERS = "floats and integers; the result has the operands' type";
defvar INTEGERS = "integers; the result has the operands' type";

def Graph_AbsOp   : Graph_UnaryOp<"abs", "`|input|`; the least integer stays itself", NUMBERS, "ONNX Abs-13">;
def Graph_NegOp   : Graph_UnaryOp<"neg", "`-input`", NUMBERS, "ONNX Neg-13">;
def Graph_SignOp  : Graph_UnaryOp<"sign", "-1, 0 or 1; NaN stays NaN", NUMBERS, "ONNX Sign-13">;
def Graph_CeilOp  : Graph_UnaryOp<"ceil", "least integral value not below `input`", FLOATS, "ONNX Ceil-13">;
def Graph_FloorOp : Graph_UnaryOp<"floor", "greatest integral value not above `input`", FLOATS, "ONNX Floor-13">;
def Graph_RoundOp : Graph_UnaryOp<"round", "nearest integral value, ties to even", FLOATS, "ONNX Round-11">;
def Graph_SqrtOp  : Graph_UnaryOp<"sqrt", "square root; NaN below 0", FLOATS, "ONNX Sqrt-13">;
def Graph_RsqrtOp : Graph_UnaryOp<"rsqrt", "`1 / sqrt(input)`", FLOATS, "parts of ONNX LayerNormalization-17 and others">;
def Graph_ReciprocalOp : Graph_UnaryOp<"reciprocal", "`1 / input`", FLOATS, "ONNX Reciprocal-13">;
def Graph_ExpOp   : Graph_UnaryOp<"exp", "`e ^ input`", FLOATS, "ONNX Exp-13">;
def Graph_LogOp   : Graph_UnaryOp<"log", "natural logarithm", FLOATS, "ONNX Log-13">;
def Graph_ErfOp   : Graph_UnaryOp<"erf", "error function", FLOATS, "ONNX Erf-13">;
def Graph_SinOp   : Graph_UnaryOp<"sin", "sine of radians", FLOATS, "ONNX Sin-7">;
def Graph_CosOp   : Graph_UnaryOp<"cos", "cosine of radians", FLOATS, "ONNX Cos-7">;
def Graph_TanOp   : Graph_UnaryOp<"tan", "tangent of radians", FLOATS, "ONNX Tan-7">;
def Graph_AsinOp  : Graph_UnaryOp<"asin", "arc sine", FLOATS, "ONNX Asin-7">;
def Graph_AcosOp  : Graph_UnaryOp<"acos", "arc cosine", FLOATS, "ONNX Acos-7">;
def Graph_AtanOp  : Graph_UnaryOp<"atan", "arc tangent", FLOATS, "ONNX Atan-7">;
def Graph_SinhOp  : Graph_UnaryOp<"sinh", "hyperbolic sine", FLOATS, "ONNX Sinh-9">;
def Graph_CoshOp  : Graph_UnaryOp<"cosh", "hyperbolic cosine", FLOATS, "ONNX Cosh-9">;
def Graph_TanhOp  : Graph_UnaryOp<"tanh", "hyperbolic tangent", FLOATS, "ONNX Tanh-13">;
def Graph_AsinhOp : Graph_UnaryOp<"asinh", "inverse hyperbolic sine", FLOATS, "ONNX Asinh-9">;
def Graph_AcoshOp : Graph_UnaryOp<"acosh", "inverse hyperbolic cosine", FLOATS, "ONNX Acosh-9">;
def Graph_AtanhOp : Graph_UnaryOp<"atanh", "inverse hyperbolic tangent", FLOATS, "ONNX Atanh-9">;
def Graph_SigmoidOp : Graph_UnaryOp<"sigmoid", "`1 / (1 + exp(-input))`, without overflow", FLOATS, "ONNX Sigmoid-13">;
def Graph_ReluOp  : Graph_UnaryOp<"relu", "`max(input, 0)`; NaN stays NaN", NUMBERS, "ONNX Relu-14">;
def Graph_NotOp   : Graph_UnaryOp<"not", "logical negation", "i1", "ONNX Not-1">;
def Graph_BitNotOp : Graph_UnaryOp<"bit_not", "all bits flipped", INTEGERS, "ONNX BitwiseNot-18">;
def Graph_IsNanOp : Graph_UnaryOp<"is_nan", "whether `input` is NaN", "floats to i1", "ONNX IsNaN-20">;

def Graph_IsInfOp : Graph_ElementwiseOp<"is_inf", "whether `input` is an infinity of a sign looked for",
    "floats to i1", "ONNX IsInf-20"> {
  let arguments = (ins AnyRankedTensor:$input, BoolAttr:$negative, BoolAttr:$positive);
  let results = (outs AnyRankedTensor:$output);
}

def Graph_CastOp : Graph_ElementwiseOp<"cast",
    "`input` in the type `to`. Float to integer truncates (NaN and out of range: what x86 gives, no trap); to bool: not 0; float to float rounds to nearest even; to an 8- or 4-bit float it saturates if `saturate`, else overflows to NaN or infinity as the type has it",
    "any number or bool to any", "ONNX Cast-25"> {
  let arguments = (ins AnyRankedTensor:$input, TypeAttr:$to, DefaultValuedAttr<BoolAttr, "true">:$saturate);
  let results = (outs AnyRankedTensor:$output);
}

def Graph_AddOp : Graph_BinaryOp<"add", "`lhs + rhs`; integers wrap", NUMBERS, "ONNX Add-14", [Commutative]>;
def Graph_SubOp : Graph_BinaryOp<"sub", "`lhs - rhs`; integers wrap", NUMBERS, "ONNX Sub-14">;
def Graph_MulOp : Graph_BinaryOp<"mul", "`lhs * rhs`; integers wrap", NUMBERS, "ONNX Mul-14", [Commutative]>;
def Graph_DivOp : Graph_BinaryOp<"div", "`lhs / rhs`; integers truncate toward 0, division by 0 gives 0 and does not trap", NUMBERS, "ONNX Div-14">;
def Graph_PowOp : Graph_BinaryOp<"pow", "`lhs ^ rhs`", "floats and integers, `rhs` of any; the result has the type of `lhs`", "ONNX Pow-15">;
def Graph_MaxOp : Graph_BinaryOp<"max", "the greater; NaN if either is", NUMBERS, "ONNX Max-13", [Commutative]>;
def Graph_MinOp : Graph_BinaryOp<"min", "the less; NaN if either is", NUMBERS, "ONNX Min-13", [Commutative]>;
def Graph_AndOp : Graph_BinaryOp<"and", "logical and", "i1", "ONNX And-7", [Commutative]>;
def Graph_OrOp  : Graph_BinaryOp<"or", "logical or", "i1", "ONNX Or-7", [Commutative]>;
def Graph_XorOp : Graph_BinaryOp<"xor", "logical exclusive or", "i1", "ONNX Xor-7", [Commutative]>;
def Graph_BitAndOp : Graph_BinaryOp<"bit_and", "bitwise and", INTEGERS, "ONNX BitwiseAnd-18", [Commutative]>;
def Graph_BitOrOp  : Graph_BinaryOp<"bit_or", "bitwise or", INTEGERS, "ONNX BitwiseOr-18", [Commutative]>;
def Graph_BitXorOp : Graph_BinaryOp<"bit_xor", "bitwise exclusive or", INTEGERS, "ONNX BitwiseXor-18", [Commutative]>;
def Graph_ShiftLeftOp  : Graph_BinaryOp<"shift_left", "`lhs << rhs`; 0 if `rhs` is not less than the width", INTEGERS, "ONNX BitShift-11">;
def Graph_ShiftRightOp : Graph_BinaryOp<"shift_right", "`lhs >> rhs`, zero-filling; 0 if `rhs` is not less than the width", INTEGERS, "ONNX BitShift-11">;

def Graph_ModOp : Graph_ElementwiseOp<"mod",
    "remainder of `lhs / rhs`: with the sign of `rhs`, or of `lhs` if `fmod`; integers by 0 give 0", NUMBERS, "ONNX Mod-13"> {
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, BoolAttr:$fmod);
  let results = (outs AnyRankedTensor:$output);
}

def Graph_CompareOp : Graph_ElementwiseOp<"compare", "whether `lhs` stands to `rhs` as `predicate` says; NaN is unordered (`ne` alone is true)",
    "any to i1", "ONNX Equal-19, Less-13, Greater-13, LessOrEqual-16, GreaterOrEqual-16"> {
  let arguments = (ins Graph_Predicate:$predicate, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$predicate $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def Graph_SelectOp : Graph_ElementwiseOp<"select", "`condition ? on_true : on_false`", "i1 and any; the result has the values' type", "ONNX Where-16"> {
  let arguments = (ins AnyRankedTensor:$condition, AnyRankedTensor:$on_true, AnyRankedTensor:$on_false);
  let results = (outs AnyRankedTensor:$output);
}

def Graph_QuantizeOp : Graph_ElementwiseOp<"quantize",
    "`saturate(round(input / scale) + zero_point)`, ties to even; the importer shapes `scale` and `zero_point` so that they broadcast",
    "floats to the type of `zero_point` (integers of 2 to 16 bits, 8- and 4-bit floats)", "ONNX QuantizeLinear-25"> {
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$zero_point,
                       DefaultValuedAttr<BoolAttr, "true">:$saturate);
  let results = (outs AnyRankedTensor:$output);
}

def Graph_DequantizeOp : Graph_ElementwiseOp<"dequantize", "`(input - zero_point) * scale`; shaped like `quantize`",
    "quantized to the type of `scale`", "ONNX DequantizeLinear-25"> {
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$zero_point);
  let results = (outs AnyRankedTensor:$output);
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHELEMENTWISE_TD
