#ifndef NACRE_DIALECTS_GRAPH_GRAPHHOST_TD
#define NACRE_DIALECTS_GRAPH_GRAPHHOST_TD

include "dialects/graph/GraphBase.td"
include "dialects/graph/GraphTypes.td"

// Ops on strings, sequences, optionals and maps. One mechanism lowers them all:
// a call of the host function that has the op's name, with the op's operands and
// its integer attributes in the order of their names.

def Graph_HostComputed : NativeOpTrait<"HostComputed"> {
  let cppNamespace = "::nacre::graph";
}

class Graph_HostOp<string mnemonic, list<Trait> traits = []>
    : Graph_Op<mnemonic, !listconcat(traits, [Graph_HostComputed])> {
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

defvar SCALAR = 0DTensorOf<[AnyType]>;
defvar POSITION = 0DTensorOf<[I64]>;

//===-- Sequences ----------------------------------------------------------===//

def Graph_SequenceMakeOp : Graph_HostOp<"sequence_make"> {
  let summary = "A sequence of given tensors";
  let description = [{
    | | |
    |---|---|
    | Computes | the sequence of `elements`, in order |
    | Shapes   | `output: []`, a scalar of `type` |
    | Dtypes   | any |
    | Errors   | (E1) `type` is no sequence; (E2) an element is not what `type` holds |
    | Source   | ONNX SequenceConstruct-11, SequenceEmpty-11 |
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$elements, TypeAttr:$type);
}

def Graph_SequenceInsertOp : Graph_HostOp<"sequence_insert"> {
  let summary = "A sequence with one more tensor";
  let description = [{
    | | |
    |---|---|
    | Computes | `sequence` with `element` before `position`; a negative position counts from the end |
    | Dtypes   | any |
    | Errors   | (E1) `sequence` is none; (E2) `element` has another element type |
    | Edge     | a position outside `[-n, n]` stops the run with an error; inserting at the end takes constant time |
    | Source   | ONNX SequenceInsert-11 |
  }];
  let arguments = (ins SCALAR:$sequence, POSITION:$position, AnyRankedTensor:$element);
}

def Graph_SequenceEraseOp : Graph_HostOp<"sequence_erase"> {
  let summary = "A sequence without one of its tensors";
  let description = [{
    | | |
    |---|---|
    | Computes | `sequence` without the tensor at `position`; a negative position counts from the end |
    | Dtypes   | any |
    | Errors   | (E1) `sequence` is none |
    | Edge     | a position outside `[-n, n)` stops the run with an error |
    | Source   | ONNX SequenceErase-11 |
  }];
  let arguments = (ins SCALAR:$sequence, POSITION:$position);
}

def Graph_SequenceAtOp : Graph_HostOp<"sequence_at"> {
  let summary = "One tensor of a sequence";
  let description = [{
    | | |
    |---|---|
    | Computes | the tensor at `position`; a negative position counts from the end |
    | Shapes   | as far as the type of the sequence tells |
    | Dtypes   | any |
    | Errors   | (E1) `sequence` is none; (E2) its tensors may differ in rank |
    | Edge     | a position outside `[-n, n)`, or a tensor of another shape, stops the run with an error |
    | Source   | ONNX SequenceAt-11 |
  }];
  let arguments = (ins SCALAR:$sequence, POSITION:$position);
  let hasFolder = 1;
}

def Graph_SequenceLengthOp : Graph_HostOp<"sequence_length"> {
  let summary = "The number of tensors in a sequence";
  let description = [{
    | | |
    |---|---|
    | Computes | the number of tensors |
    | Shapes   | `output: []` |
    | Dtypes   | any to i64 |
    | Errors   | (E1) `sequence` is none |
    | Source   | ONNX SequenceLength-11 |
  }];
  let arguments = (ins SCALAR:$sequence);
}

def Graph_SequenceSplitOp : Graph_HostOp<"sequence_split"> {
  let summary = "The slices of a tensor along an axis as a sequence";
  let description = [{
    | | |
    |---|---|
    | Computes | slices of `input` along `axis`: of size `sizes` each (the last may be smaller) if that is a scalar, else of the sizes it lists; without `axis` unless `keep_dims` |
    | Dtypes   | any |
    | Errors   | (E1) `axis` outside `[0, rank)`; (E2) `sizes` has a rank above 1 |
    | Edge     | sizes that do not add up to the dim, a size below 1 for all, or a slice of another size than 1 without `keep_dims` stops the run with an error |
    | Source   | ONNX SplitToSequence-24 |
  }];
  let arguments = (ins AnyRankedTensor:$input, RankedTensorOf<[I64]>:$sizes, I64Attr:$axis, BoolAttr:$keep_dims);
}

def Graph_SequenceConcatOp : Graph_HostOp<"sequence_concat"> {
  let summary = "The tensors of a sequence joined";
  let description = [{
    | | |
    |---|---|
    | Computes | the tensors one after the other along `axis`, which is a new dim if `new_axis` |
    | Dtypes   | any |
    | Errors   | (E1) `sequence` is none; (E2) its tensors may differ in rank; (E3) `axis` outside the rank of the result |
    | Edge     | no tensor, or tensors that do not fit each other, stop the run with an error |
    | Source   | ONNX ConcatFromSequence-11 |
  }];
  let arguments = (ins SCALAR:$sequence, I64Attr:$axis, BoolAttr:$new_axis);
}

//===-- Optionals and types -------------------------------------------------===//

def Graph_OptionalMakeOp : Graph_HostOp<"optional_make"> {
  let summary = "An optional of a value, or of none";
  let description = [{
    | | |
    |---|---|
    | Computes | an optional that holds `values`, of which there is one or none |
    | Shapes   | `output: []`, a scalar of `type` |
    | Dtypes   | any |
    | Errors   | (E1) `type` is no optional; (E2) the value is not what `type` holds; (E3) more than one value |
    | Source   | ONNX Optional-15 |
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values, TypeAttr:$type);
}

def Graph_OptionalHasOp : Graph_HostOp<"optional_has"> {
  let summary = "Whether an optional holds a value";
  let description = [{
    | | |
    |---|---|
    | Computes | true if there is a value |
    | Shapes   | `output: []` |
    | Dtypes   | any to i1 |
    | Errors   | (E1) `optional` is none |
    | Source   | ONNX OptionalHasElement-18 |
  }];
  let arguments = (ins SCALAR:$optional);
}

def Graph_OptionalGetOp : Graph_HostOp<"optional_get"> {
  let summary = "The value of an optional";
  let description = [{
    | | |
    |---|---|
    | Computes | the value that `optional` holds |
    | Dtypes   | any |
    | Errors   | (E1) `optional` is none; (E2) the rank of what it holds is not known |
    | Edge     | none stops the run with an error |
    | Source   | ONNX OptionalGetElement-18 |
  }];
  let arguments = (ins SCALAR:$optional);
  let hasFolder = 1;
}

def Graph_RetypeOp : Graph_HostOp<"retype"> {
  let summary = "A sequence or optional under a type that says more or less";
  let description = [{
    | | |
    |---|---|
    | Computes | `input`, whose content is taken to be what `to` says; a read checks that |
    | Dtypes   | sequences and optionals |
    | Errors   | (E1) `to` is of another kind, or holds other elements |
    | Source   | values that branches and loops carry |
  }];
  let arguments = (ins SCALAR:$input, TypeAttr:$to);
  let hasFolder = 1;
}

//===-- Maps ---------------------------------------------------------------===//

def Graph_ZipMapOp : Graph_HostOp<"zip_map"> {
  let summary = "One map per row, from keys to the elements of the row";
  let description = [{
    | | |
    |---|---|
    | Computes | the sequence of the maps `{keys[j]: input[i, j]}`; a vector is one row |
    | Shapes   | `input: [n, k]` or `[k]`, `keys: [k]` |
    | Dtypes   | `input` f32; `keys` strings or i64 |
    | Errors   | (E1) ranks; (E2) element types; (E3) numbers of keys and columns differ |
    | Source   | ONNX ai.onnx.ml ZipMap-1 |
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$keys);
}

def Graph_MapVectorOp : Graph_HostOp<"map_vector"> {
  let summary = "The values of a map in the order of a vocabulary";
  let description = [{
    | | |
    |---|---|
    | Computes | `output[0, j] = map[keys[j]]`; 0, or an empty string, where there is none |
    | Shapes   | `keys: [k]`, `output: [1, k]` |
    | Dtypes   | values any; keys strings or i64 |
    | Errors   | (E1) `map` is none, or has other keys; (E2) `keys` is not a vector |
    | Source   | ONNX ai.onnx.ml DictVectorizer-1 |
  }];
  let arguments = (ins SCALAR:$map, AnyRankedTensor:$keys);
}

//===-- Strings ------------------------------------------------------------===//

def Graph_StringConcatOp : Graph_HostOp<"string_concat"> {
  let summary = "Strings joined in pairs";
  let description = [{
    | | |
    |---|---|
    | Computes | the bytes of `lhs`, then those of `rhs` |
    | Shapes   | operands broadcast against each other as in numpy |
    | Dtypes   | strings |
    | Errors   | (E1) operands do not broadcast; (E2) an operand is not of strings |
    | Source   | ONNX StringConcat-20 |
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
}

def Graph_StringEqualOp : Graph_HostOp<"string_equal"> {
  let summary = "Whether strings are the same";
  let description = [{
    | | |
    |---|---|
    | Computes | whether all bytes are equal |
    | Shapes   | operands broadcast against each other as in numpy |
    | Dtypes   | strings to i1 |
    | Errors   | (E1) operands do not broadcast; (E2) an operand is not of strings |
    | Source   | ONNX Equal-19 |
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
}

def Graph_StringSplitOp : Graph_HostOp<"string_split"> {
  let summary = "Strings cut at a delimiter";
  let description = [{
    | | |
    |---|---|
    | Computes | the parts of each string between occurrences of `delimiter`, or of white space if that is empty; at most `maxsplit` cuts from the left unless it is negative; and how many parts there are |
    | Shapes   | `parts: [input..., most parts of any]`, filled up with empty strings; `counts: [input...]` |
    | Dtypes   | strings; counts i64 |
    | Errors   | (E1) an operand is not of strings |
    | Edge     | runs of white space count once and an empty string has no part, as in Python |
    | Source   | ONNX StringSplit-20 |
  }];
  let arguments = (ins AnyRankedTensor:$input, SCALAR:$delimiter, I64Attr:$maxsplit);
  let results = (outs AnyRankedTensor:$parts, RankedTensorOf<[I64]>:$counts);
}

def Graph_StringMatchOp : Graph_HostOp<"string_match"> {
  let summary = "Whether a regular expression matches whole strings";
  let description = [{
    | | |
    |---|---|
    | Computes | whether `pattern`, in RE2's syntax, matches all of a string; in time linear in its length |
    | Shapes   | output as input |
    | Dtypes   | strings to i1 |
    | Errors   | (E1) an operand is not of strings |
    | Edge     | a malformed pattern stops the run with an error (the importer refuses it before); no look-around, no back-references |
    | Source   | ONNX RegexFullMatch-20 |
  }];
  let arguments = (ins AnyRankedTensor:$input, SCALAR:$pattern);
}

def Graph_StringNormalizeOp : Graph_HostOp<"string_normalize"> {
  let summary = "Strings without stop words, in one case";
  let description = [{
    | | |
    |---|---|
    | Computes | the strings that are not in `stopwords`, in lower (`case_change` 1) or upper case (2), or as they are (0) |
    | Shapes   | `input: [n]` or `[1, n]`, `stopwords: [k]`; one empty string if none is left |
    | Dtypes   | strings |
    | Errors   | (E1) an operand is not of strings; (E2) ranks |
    | Edge     | letters of UTF-8 by Unicode's simple case mapping of Latin, Greek, Cyrillic and Armenian, whatever the locale |
    | Source   | ONNX StringNormalizer-10 |
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$stopwords,
                       I64Attr:$case_change, BoolAttr:$is_case_sensitive);
}

def Graph_StringCastOp : Graph_HostOp<"string_cast"> {
  let summary = "Numbers as text, and back";
  let description = [{
    | | |
    |---|---|
    | Computes | `input` in the type `to`: the shortest decimal that reads back as the same number, or the number that a text says; `True` and `False` are 1 and 0 |
    | Shapes   | output as input |
    | Dtypes   | strings to numbers and i1, or the other way |
    | Errors   | (E1) not one side of strings |
    | Edge     | a text that is no number stops the run with an error |
    | Source   | ONNX Cast-25 |
  }];
  let arguments = (ins AnyRankedTensor:$input, TypeAttr:$to);
}

def Graph_StringFindOp : Graph_HostOp<"string_find"> {
  let summary = "Where strings stand in a list";
  let description = [{
    | | |
    |---|---|
    | Computes | the last position in `keys` of each string, or the number of keys if it is not there |
    | Shapes   | `keys: [k]`; output as input |
    | Dtypes   | strings to i64 |
    | Errors   | (E1) an operand is not of strings; (E2) `keys` is not a vector |
    | Source   | ONNX ai.onnx.ml LabelEncoder-4, CategoryMapper-1, OneHotEncoder-1 |
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$keys);
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHHOST_TD
