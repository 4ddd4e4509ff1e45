// RUN: nacre-opt --split-input-file --verify-diagnostics %s

func.func @sequence_make_e1(%0: tensor<2xf32>) {
  // expected-error @+1 {{has type 'f32'; expected a sequence}}
  %y = graph.sequence_make %0 {type = f32} : (tensor<2xf32>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_make_e2(%0: tensor<2xf64>) {
  // expected-error @+1 {{puts 'tensor<2xf64>' into '!graph.seq<tensor<?xf32>>'; expected what that holds}}
  %y = graph.sequence_make %0 {type = !graph.seq<tensor<?xf32>>} : (tensor<2xf64>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_insert_e1(%0: tensor<f32>, %1: tensor<i64>, %2: tensor<2xf32>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar sequence}}
  %y = graph.sequence_insert %0, %1, %2  : (tensor<f32>, tensor<i64>, tensor<2xf32>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_insert_e2(%0: tensor<!graph.seq<tensor<?xf32>>>, %1: tensor<i64>, %2: tensor<2xf64>) {
  // expected-error @+1 {{inserts 'tensor<2xf64>' into '!graph.seq<tensor<?xf32>>'; expected the same element type}}
  %y = graph.sequence_insert %0, %1, %2  : (tensor<!graph.seq<tensor<?xf32>>>, tensor<i64>, tensor<2xf64>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_erase_e1(%0: tensor<f32>, %1: tensor<i64>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar sequence}}
  %y = graph.sequence_erase %0, %1  : (tensor<f32>, tensor<i64>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_at_e1(%0: tensor<f32>, %1: tensor<i64>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar sequence}}
  %y = graph.sequence_at %0, %1  : (tensor<f32>, tensor<i64>) -> tensor<2xf32>
  return
}

// -----

func.func @sequence_at_e2(%0: tensor<!graph.seq<tensor<*xf32>>>, %1: tensor<i64>) {
  // expected-error @+1 {{reads tensors of 'f32' whose rank is not known; expected a type that tells it}}
  %y = graph.sequence_at %0, %1  : (tensor<!graph.seq<tensor<*xf32>>>, tensor<i64>) -> tensor<2xf32>
  return
}

// -----

func.func @sequence_length_e1(%0: tensor<f32>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar sequence}}
  %y = graph.sequence_length %0  : (tensor<f32>) -> tensor<i64>
  return
}

// -----

func.func @sequence_split_e1(%0: tensor<2xf32>, %1: tensor<i64>) {
  // expected-error @+1 {{axis 1 is out of range for rank 1}}
  %y = graph.sequence_split %0, %1 {axis = 1 : i64, keep_dims = true} : (tensor<2xf32>, tensor<i64>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_split_e2(%0: tensor<2xf32>, %1: tensor<2x2xi64>) {
  // expected-error @+1 {{sizes have type 'tensor<2x2xi64>'; expected a scalar or a vector}}
  %y = graph.sequence_split %0, %1 {axis = 0 : i64, keep_dims = true} : (tensor<2xf32>, tensor<2x2xi64>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @sequence_concat_e1(%0: tensor<f32>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar sequence}}
  %y = graph.sequence_concat %0 {axis = 0 : i64, new_axis = false} : (tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @sequence_concat_e2(%0: tensor<!graph.seq<tensor<*xf32>>>) {
  // expected-error @+1 {{joins tensors of '!graph.seq<tensor<*xf32>>' whose rank is not known}}
  %y = graph.sequence_concat %0 {axis = 0 : i64, new_axis = false} : (tensor<!graph.seq<tensor<*xf32>>>) -> tensor<2xf32>
  return
}

// -----

func.func @sequence_concat_e3(%0: tensor<!graph.seq<tensor<?xf32>>>) {
  // expected-error @+1 {{axis 1 is out of range for rank 1}}
  %y = graph.sequence_concat %0 {axis = 1 : i64, new_axis = false} : (tensor<!graph.seq<tensor<?xf32>>>) -> tensor<2xf32>
  return
}

// -----

func.func @optional_make_e1(%0: tensor<2xf32>) {
  // expected-error @+1 {{has type 'f32'; expected an optional}}
  %y = graph.optional_make %0 {type = f32} : (tensor<2xf32>) -> tensor<!graph.opt<tensor<2xf32>>>
  return
}

// -----

func.func @optional_make_e2(%0: tensor<2xf64>) {
  // expected-error @+1 {{puts 'tensor<2xf64>' into '!graph.opt<tensor<2xf32>>'}}
  %y = graph.optional_make %0 {type = !graph.opt<tensor<2xf32>>} : (tensor<2xf64>) -> tensor<!graph.opt<tensor<2xf32>>>
  return
}

// -----

func.func @optional_make_e3(%0: tensor<2xf32>, %1: tensor<2xf32>) {
  // expected-error @+1 {{has 2 values; expected one or none}}
  %y = graph.optional_make %0, %1 {type = !graph.opt<tensor<2xf32>>} : (tensor<2xf32>, tensor<2xf32>) -> tensor<!graph.opt<tensor<2xf32>>>
  return
}

// -----

func.func @optional_has_e1(%0: tensor<f32>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar optional}}
  %y = graph.optional_has %0  : (tensor<f32>) -> tensor<i1>
  return
}

// -----

func.func @optional_get_e1(%0: tensor<f32>) {
  // expected-error @+1 {{operand has type 'tensor<f32>'; expected a scalar optional}}
  %y = graph.optional_get %0  : (tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @optional_get_e2(%0: tensor<!graph.opt<tensor<*xf32>>>) {
  // expected-error @+1 {{reads tensors of 'f32' whose rank is not known}}
  %y = graph.optional_get %0  : (tensor<!graph.opt<tensor<*xf32>>>) -> tensor<2xf32>
  return
}

// -----

func.func @retype_e1(%0: tensor<!graph.opt<tensor<2xf32>>>) {
  // expected-error @+1 {{takes 'tensor<!graph.opt<tensor<2xf32>>>' for '!graph.seq<f32>'; expected the same kind with the same elements}}
  %y = graph.retype %0 {to = !graph.seq<f32>} : (tensor<!graph.opt<tensor<2xf32>>>) -> tensor<!graph.seq<tensor<?xf32>>>
  return
}

// -----

func.func @zip_map_e1(%0: tensor<f32>, %1: tensor<2xi64>) {
  // expected-error @+1 {{operands have types 'tensor<f32>' and 'tensor<2xi64>'; expected a matrix or vector, and a vector}}
  %y = graph.zip_map %0, %1  : (tensor<f32>, tensor<2xi64>) -> tensor<!graph.seq<!graph.map<!graph.string, f32>>>
  return
}

// -----

func.func @zip_map_e2(%0: tensor<2xf64>, %1: tensor<2xi64>) {
  // expected-error @+1 {{element types are 'f64' and 'i64'; expected f32, and strings or i64}}
  %y = graph.zip_map %0, %1  : (tensor<2xf64>, tensor<2xi64>) -> tensor<!graph.seq<!graph.map<!graph.string, f32>>>
  return
}

// -----

func.func @zip_map_e3(%0: tensor<2x3xf32>, %1: tensor<2xi64>) {
  // expected-error @+1 {{has [2] keys for [2, 3] elements}}
  %y = graph.zip_map %0, %1  : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<!graph.seq<!graph.map<i64, f32>>>
  return
}

// -----

func.func @map_vector_e1(%0: tensor<!graph.map<i64, f32>>, %1: tensor<2x!graph.string>) {
  // expected-error @+1 {{looks for '!graph.string' in '!graph.map<i64, f32>'}}
  %y = graph.map_vector %0, %1  : (tensor<!graph.map<i64, f32>>, tensor<2x!graph.string>) -> tensor<1x2xf32>
  return
}

// -----

func.func @map_vector_e2(%0: tensor<!graph.map<i64, f32>>, %1: tensor<i64>) {
  // expected-error @+1 {{keys have type 'tensor<i64>'; expected a vector}}
  %y = graph.map_vector %0, %1  : (tensor<!graph.map<i64, f32>>, tensor<i64>) -> tensor<1x2xf32>
  return
}

// -----

func.func @string_concat_e1(%0: tensor<2x!graph.string>, %1: tensor<3x!graph.string>) {
  // expected-error @+1 {{operands of shapes [2] and [3] do not broadcast}}
  %y = graph.string_concat %0, %1  : (tensor<2x!graph.string>, tensor<3x!graph.string>) -> tensor<2x!graph.string>
  return
}

// -----

func.func @string_concat_e2(%0: tensor<2x!graph.string>, %1: tensor<2xf32>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y = graph.string_concat %0, %1  : (tensor<2x!graph.string>, tensor<2xf32>) -> tensor<2x!graph.string>
  return
}

// -----

func.func @string_equal_e1(%0: tensor<2x!graph.string>, %1: tensor<3x!graph.string>) {
  // expected-error @+1 {{operands of shapes [2] and [3] do not broadcast}}
  %y = graph.string_equal %0, %1  : (tensor<2x!graph.string>, tensor<3x!graph.string>) -> tensor<2xi1>
  return
}

// -----

func.func @string_equal_e2(%0: tensor<2x!graph.string>, %1: tensor<2xf32>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y = graph.string_equal %0, %1  : (tensor<2x!graph.string>, tensor<2xf32>) -> tensor<2xi1>
  return
}

// -----

func.func @string_split_e1(%0: tensor<2xf32>, %1: tensor<!graph.string>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y:2 = graph.string_split %0, %1 {maxsplit = -1 : i64} : (tensor<2xf32>, tensor<!graph.string>) -> (tensor<2x?x!graph.string>, tensor<2xi64>)
  return
}

// -----

func.func @string_match_e1(%0: tensor<2xf32>, %1: tensor<!graph.string>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y = graph.string_match %0, %1  : (tensor<2xf32>, tensor<!graph.string>) -> tensor<2xi1>
  return
}

// -----

func.func @string_normalize_e1(%0: tensor<2xf32>, %1: tensor<2x!graph.string>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y = graph.string_normalize %0, %1 {case_change = 0 : i64, is_case_sensitive = true} : (tensor<2xf32>, tensor<2x!graph.string>) -> tensor<2x!graph.string>
  return
}

// -----

func.func @string_normalize_e2(%0: tensor<2x2x!graph.string>, %1: tensor<2x!graph.string>) {
  // expected-error @+1 {{operands have types 'tensor<2x2x!graph.string>' and 'tensor<2x!graph.string>'; expected a vector or one row, and a vector}}
  %y = graph.string_normalize %0, %1 {case_change = 0 : i64, is_case_sensitive = true} : (tensor<2x2x!graph.string>, tensor<2x!graph.string>) -> tensor<2x!graph.string>
  return
}

// -----

func.func @string_cast_e1(%0: tensor<2xf32>) {
  // expected-error @+1 {{casts 'f32' to 'i64'; expected strings on one side}}
  %y = graph.string_cast %0 {to = i64} : (tensor<2xf32>) -> tensor<2xi64>
  return
}

// -----

func.func @string_find_e1(%0: tensor<2xf32>, %1: tensor<2x!graph.string>) {
  // expected-error @+1 {{operand has type 'tensor<2xf32>'; expected strings}}
  %y = graph.string_find %0, %1  : (tensor<2xf32>, tensor<2x!graph.string>) -> tensor<2xi64>
  return
}

// -----

func.func @string_find_e2(%0: tensor<2x!graph.string>, %1: tensor<2x2x!graph.string>) {
  // expected-error @+1 {{keys have type 'tensor<2x2x!graph.string>'; expected a vector}}
  %y = graph.string_find %0, %1  : (tensor<2x!graph.string>, tensor<2x2x!graph.string>) -> tensor<2xi64>
  return
}

// -----

func.func @compares_strings(%x: tensor<2x!graph.string>) {
  // expected-error @+1 {{operand has type 'tensor<2x!graph.string>'; expected numbers}}
  %y = graph.compare lt %x, %x : (tensor<2x!graph.string>, tensor<2x!graph.string>) -> tensor<2xi1>
  return
}

// -----

func.func @adds_up_strings(%x: tensor<2x!graph.string>, %i: tensor<1xi64>) {
  // expected-error @+1 {{operand has type 'tensor<2x!graph.string>'; expected numbers}}
  %y = graph.scatter_elements %x, %i, %x {axis = 0 : i64, kind = 1 : i32} : (tensor<2x!graph.string>, tensor<1xi64>, tensor<2x!graph.string>) -> tensor<2x!graph.string>
  return
}

// -----

// Complex numbers are moved, but not computed with.
func.func @complex_non_zero(%x: tensor<2xcomplex<f32>>) -> tensor<1x?xi64> {
  // expected-error @+1 {{operand has type 'tensor<2xcomplex<f32>>'; expected numbers}}
  %0 = graph.non_zero %x : (tensor<2xcomplex<f32>>) -> tensor<1x?xi64>
  return %0 : tensor<1x?xi64>
}
