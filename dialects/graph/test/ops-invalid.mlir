// RUN: nacre-opt %s -split-input-file -verify-diagnostics

// Every labelled error of ops that are not elementwise: @<op>_e<n>.

func.func @range_e1(%a: tensor<i64>, %b: tensor<i32>) {
  // expected-error@+1 {{operands have types 'tensor<i64>', 'tensor<i64>', 'tensor<i32>'; expected scalars of one number type}}
  %0 = graph.range %a, %a, %b : (tensor<i64>, tensor<i64>, tensor<i32>) -> tensor<?xi64>
  return
}

// -----

func.func @range_e2(%a: tensor<i64>) {
  %c = graph.constant dense<0> : tensor<i64>
  // expected-error@+1 {{delta is 0; expected a step that moves}}
  %0 = graph.range %a, %a, %c : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return
}

// -----

func.func @random_e1(%s: tensor<?xi64>) {
  // expected-error@+1 {{shape has type 'tensor<?xi64>'; expected a 1-D i64 tensor of static length, at most 64}}
  %0 = graph.random uniform %s {a = 0.0 : f64, b = 1.0 : f64, dtype = f32, seed = 7 : i64} : (tensor<?xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @random_e2(%s: tensor<1xi64>) {
  // expected-error@+1 {{dtype is 'i32'; expected f16, bf16, f32 or f64}}
  %0 = graph.random normal %s {a = 0.0 : f64, b = 1.0 : f64, dtype = i32, seed = 7 : i64} : (tensor<1xi64>) -> tensor<?xi32>
  return
}

// -----

func.func @reshape_e1(%x: tensor<4xf32>, %s: tensor<?xi64>) {
  // expected-error@+1 {{shape has type 'tensor<?xi64>'; expected a 1-D i64 tensor of static length, at most 64}}
  %0 = graph.reshape %x to %s : (tensor<4xf32>, tensor<?xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @reshape_e2(%x: tensor<4xf32>) {
  %c = graph.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error@+1 {{size 1 is -1; expected 0 or more, or -1 for one size}}
  %0 = graph.reshape %x to %c : (tensor<4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @reshape_e2_below(%x: tensor<4xf32>) {
  %c = graph.constant dense<[2, -2]> : tensor<2xi64>
  // expected-error@+1 {{size 1 is -2; expected 0 or more, or -1 for one size}}
  %0 = graph.reshape %x to %c : (tensor<4xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @reshape_e3(%x: tensor<4xf32>) {
  %c = graph.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error@+1 {{input of shape [4] cannot become [2, 3]; expected the same number of elements}}
  %0 = graph.reshape %x to %c : (tensor<4xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @reshape_e3_copy(%x: tensor<4xf32>) {
  %c = graph.constant dense<[4, 0]> : tensor<2xi64>
  // expected-error@+1 {{size 1 is 0 and copies a dim, but the input has rank 1}}
  %0 = graph.reshape %x to %c : (tensor<4xf32>, tensor<2xi64>) -> tensor<4x?xf32>
  return
}

// -----

func.func @reshape_e3_rest(%x: tensor<4xf32>) {
  %c = graph.constant dense<[3, -1]> : tensor<2xi64>
  // expected-error@+1 {{input of shape [4] cannot become [3, -1]; expected the same number of elements}}
  %0 = graph.reshape %x to %c : (tensor<4xf32>, tensor<2xi64>) -> tensor<3x?xf32>
  return
}

// -----

func.func @reshape_e3_nothing(%x: tensor<0xf32>) {
  %c = graph.constant dense<[0, -1]> : tensor<2xi64>
  // expected-error@+1 {{input of shape [0] cannot become [0, -1]; expected the same number of elements}}
  %0 = graph.reshape %x to %c : (tensor<0xf32>, tensor<2xi64>) -> tensor<0x?xf32>
  return
}

// -----

func.func @collapse_e1(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{starts are [0, 2] for rank 2; expected an ascending list from 0, below the rank}}
  %0 = graph.collapse %x starts [0, 2] : (tensor<2x3xf32>) -> tensor<6x1xf32>
  return
}

// -----

func.func @squeeze_e1(%x: tensor<1x3xf32>) {
  // expected-error@+1 {{axis -1 is out of range for rank 2; expected a value in [0, 2)}}
  %0 = graph.squeeze %x axes [-1] : (tensor<1x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @squeeze_e1_twice(%x: tensor<1x3xf32>) {
  // expected-error@+1 {{axis 0 is named twice}}
  %0 = graph.squeeze %x axes [0, 0] : (tensor<1x3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @squeeze_e2(%x: tensor<1x3xf32>) {
  // expected-error@+1 {{dim 1 is 3; expected 1}}
  %0 = graph.squeeze %x axes [1] : (tensor<1x3xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @unsqueeze_e1(%x: tensor<3xf32>) {
  // expected-error@+1 {{axis 2 is out of range for rank 2; expected a value in [0, 2)}}
  %0 = graph.unsqueeze %x axes [2] : (tensor<3xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @broadcast_e1(%x: tensor<3xf32>, %s: tensor<?xi64>) {
  // expected-error@+1 {{shape has type 'tensor<?xi64>'; expected a 1-D i64 tensor of static length, at most 64}}
  %0 = graph.broadcast %x to %s : (tensor<3xf32>, tensor<?xi64>) -> tensor<3xf32>
  return
}

// -----

func.func @broadcast_e2(%x: tensor<3xf32>) {
  %c = graph.constant dense<[2, 4]> : tensor<2xi64>
  // expected-error@+1 {{input of shape [3] does not broadcast to [2, 4]}}
  %0 = graph.broadcast %x to %c : (tensor<3xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @transpose_e1(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{perm is [1, 1]; expected a permutation of [0, 2)}}
  %0 = graph.transpose %x perm [1, 1] : (tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}

// -----

func.func @concat_e1(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{axis 2 is out of range for rank 2; expected a value in [0, 2)}}
  %0 = graph.concat %x, %x axis 2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @concat_e2(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
  // expected-error@+1 {{input 1 has type 'tensor<3x3xf32>'; expected 'tensor<2x3xf32>' but for dim 1}}
  %0 = graph.concat %x, %y axis 1 : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}

// -----

func.func @concat_e2_type(%x: tensor<2xf32>, %y: tensor<3xi32>) {
  // expected-error@+1 {{input 1 has type 'tensor<3xi32>'; expected 'tensor<2xf32>' but for dim 0}}
  %0 = graph.concat %x, %y axis 0 : (tensor<2xf32>, tensor<3xi32>) -> tensor<5xf32>
  return
}

// -----

func.func @concat_e3() {
  // expected-error@+1 {{has no input; expected one or more}}
  %0 = graph.concat axis 0 : () -> tensor<2xf32>
  return
}

// -----

func.func @slice_e1(%x: tensor<5x6xf32>, %a: tensor<1xi64>) {
  // expected-error@+1 {{axis 2 is out of range for rank 2; expected a value in [0, 2)}}
  %0 = graph.slice %x from %a to %a axes [2] steps [1] : (tensor<5x6xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_e2(%x: tensor<5x6xf32>, %a: tensor<1xi64>) {
  // expected-error@+1 {{step of axis 0 is 0; expected a step that moves}}
  %0 = graph.slice %x from %a to %a axes [0] steps [0] : (tensor<5x6xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x6xf32>
  return
}

// -----

func.func @slice_e3(%x: tensor<5x6xf32>, %a: tensor<1xi64>) {
  // expected-error@+1 {{has 1 starts, 1 ends, 2 axes and 2 steps; expected the same number of each}}
  %0 = graph.slice %x from %a to %a axes [0, 1] steps [1, 1] : (tensor<5x6xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @slice_e3_dynamic(%x: tensor<5xf32>, %a: tensor<?xi64>) {
  // expected-error@+1 {{starts has type 'tensor<?xi64>'; expected a 1-D i64 tensor of static length, at most 64}}
  %0 = graph.slice %x from %a to %a axes [0] steps [1] : (tensor<5xf32>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @pad_e1(%x: tensor<5xf32>, %p: tensor<3xi64>, %v: tensor<f32>) {
  // expected-error@+1 {{pads has 3 elements; expected 2, two per dim}}
  %0 = graph.pad constant %x by %p, %v : (tensor<5xf32>, tensor<3xi64>, tensor<f32>) -> tensor<?xf32>
  return
}

// -----

func.func @pad_e2(%x: tensor<5xf32>, %p: tensor<2xi64>, %v: tensor<f16>) {
  // expected-error@+1 {{value has element type 'f16'; expected that of input, 'f32'}}
  %0 = graph.pad constant %x by %p, %v : (tensor<5xf32>, tensor<2xi64>, tensor<f16>) -> tensor<?xf32>
  return
}

// -----

func.func @pad_e3(%x: tensor<5xf32>, %v: tensor<f32>) {
  %c = graph.constant dense<[-3, -4]> : tensor<2xi64>
  // expected-error@+1 {{dim 0 would be -2; expected pads that remove no more than there is}}
  %0 = graph.pad constant %x by %c, %v : (tensor<5xf32>, tensor<2xi64>, tensor<f32>) -> tensor<?xf32>
  return
}

// -----

func.func @tile_e1(%x: tensor<5xf32>, %r: tensor<2xi64>) {
  // expected-error@+1 {{repeats has 2 elements; expected 1, one per dim}}
  %0 = graph.tile %x by %r : (tensor<5xf32>, tensor<2xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @tile_e2(%x: tensor<5xf32>) {
  %c = graph.constant dense<-1> : tensor<1xi64>
  // expected-error@+1 {{a repeat is -1; expected 0 or more}}
  %0 = graph.tile %x by %c : (tensor<5xf32>, tensor<1xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @bitcast_e1(%x: tensor<5xf32>) {
  // expected-error@+1 {{input of 'f32' cannot be read as 'i64'; expected equal widths}}
  %0 = graph.bitcast %x {to = i64} : (tensor<5xf32>) -> tensor<5xi64>
  return
}

// -----

func.func @gather_e1(%x: tensor<5x6xf32>, %i: tensor<2xi64>) {
  // expected-error@+1 {{axis 2 is out of range for rank 2; expected a value in [0, 2)}}
  %0 = graph.gather %x, %i {axis = 2 : i64} : (tensor<5x6xf32>, tensor<2xi64>) -> tensor<5x2xf32>
  return
}

// -----

func.func @gather_elements_e1(%x: tensor<5xf32>, %i: tensor<2xi64>) {
  // expected-error@+1 {{axis 1 is out of range for rank 1; expected a value in [0, 1)}}
  %0 = graph.gather_elements %x, %i {axis = 1 : i64} : (tensor<5xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_elements_e2(%x: tensor<5x6xf32>, %i: tensor<2xi64>) {
  // expected-error@+1 {{indices have rank 1; expected 2, the rank of input}}
  %0 = graph.gather_elements %x, %i {axis = 0 : i64} : (tensor<5x6xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @gather_nd_e1(%x: tensor<5x6xf32>, %i: tensor<2xi64>) {
  // expected-error@+1 {{batch_dims is 1; expected a value in [0, 1)}}
  %0 = graph.gather_nd %x, %i {batch_dims = 1 : i64} : (tensor<5x6xf32>, tensor<2xi64>) -> tensor<f32>
  return
}

// -----

func.func @gather_nd_e2(%x: tensor<5x6xf32>, %i: tensor<3xi64>) {
  // expected-error@+1 {{index tuples have length 3; expected at most 2}}
  %0 = graph.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<5x6xf32>, tensor<3xi64>) -> tensor<f32>
  return
}

// -----

func.func @gather_nd_e3(%x: tensor<5x6xf32>, %i: tensor<2x?xi64>) {
  // expected-error@+1 {{indices have shape [2, ?]; expected a static last dim}}
  %0 = graph.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<5x6xf32>, tensor<2x?xi64>) -> tensor<2xf32>
  return
}

// -----

func.func @scatter_elements_e1(%x: tensor<5xf32>, %i: tensor<2xi64>, %u: tensor<2xf32>) {
  // expected-error@+1 {{axis -1 is out of range for rank 1; expected a value in [0, 1)}}
  %0 = graph.scatter_elements %x, %i, %u {axis = -1 : i64, kind = 0 : i32} : (tensor<5xf32>, tensor<2xi64>, tensor<2xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @scatter_elements_e2(%x: tensor<5xf32>, %i: tensor<2xi64>, %u: tensor<3xf32>) {
  // expected-error@+1 {{updates of type 'tensor<3xf32>' do not fit input of type 'tensor<5xf32>' and indices of type 'tensor<2xi64>'; expected the element type of input and the shape of indices, all of one rank}}
  %0 = graph.scatter_elements %x, %i, %u {axis = 0 : i64, kind = 0 : i32} : (tensor<5xf32>, tensor<2xi64>, tensor<3xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @scatter_nd_e1(%x: tensor<5xf32>, %i: tensor<2xi64>, %u: tensor<f32>) {
  // expected-error@+1 {{index tuples have length 2; expected at most 1}}
  %0 = graph.scatter_nd %x, %i, %u {kind = 0 : i32} : (tensor<5xf32>, tensor<2xi64>, tensor<f32>) -> tensor<5xf32>
  return
}

// -----

func.func @scatter_nd_e2(%x: tensor<5x6xf32>, %i: tensor<4x1xi64>, %u: tensor<4x5xf32>) {
  // expected-error@+1 {{updates have type 'tensor<4x5xf32>'; expected shape [4, 6] of 'f32'}}
  %0 = graph.scatter_nd %x, %i, %u {kind = 0 : i32} : (tensor<5x6xf32>, tensor<4x1xi64>, tensor<4x5xf32>) -> tensor<5x6xf32>
  return
}

// -----

func.func @scatter_nd_e3(%x: tensor<5xf32>, %i: tensor<2x?xi64>, %u: tensor<2xf32>) {
  // expected-error@+1 {{indices have shape [2, ?]; expected a static last dim}}
  %0 = graph.scatter_nd %x, %i, %u {kind = 0 : i32} : (tensor<5xf32>, tensor<2x?xi64>, tensor<2xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @topk_e1(%x: tensor<5xf32>, %k: tensor<i64>) {
  // expected-error@+1 {{axis 1 is out of range for rank 1; expected a value in [0, 1)}}
  %0:2 = graph.topk %x, %k {axis = 1 : i64, largest = true} : (tensor<5xf32>, tensor<i64>) -> (tensor<?xf32>, tensor<?xi64>)
  return
}

// -----

func.func @topk_e2(%x: tensor<5xf32>) {
  %c = graph.constant dense<6> : tensor<i64>
  // expected-error@+1 {{k is 6 for an axis of shape [5]; expected no less than 0 and no more than there is}}
  %0:2 = graph.topk %x, %c {axis = 0 : i64, largest = true} : (tensor<5xf32>, tensor<i64>) -> (tensor<6xf32>, tensor<6xi64>)
  return
}

// -----

func.func @topk_e3(%x: tensor<5xi1>, %k: tensor<i64>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number}}
  %0:2 = graph.topk %x, %k {axis = 0 : i64, largest = true} : (tensor<5xi1>, tensor<i64>) -> (tensor<?xi1>, tensor<?xi64>)
  return
}

// -----

func.func @reduce_e1(%x: tensor<5xf32>) {
  // expected-error@+1 {{axis 1 is out of range for rank 1; expected a value in [0, 1)}}
  %0 = graph.reduce max %x axes [1] {keep_dims = true} : (tensor<5xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @reduce_e2(%x: tensor<5xf32>) {
  // expected-error@+1 {{input has element type 'f32'; expected i1 for any}}
  %0 = graph.reduce any %x axes [0] {keep_dims = true} : (tensor<5xf32>) -> tensor<1xf32>
  return
}

// -----

func.func @reduce_e2_bool(%x: tensor<5xi1>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number for sum}}
  %0 = graph.reduce sum %x axes [0] {keep_dims = true} : (tensor<5xi1>) -> tensor<1xi1>
  return
}

// -----

func.func @arg_reduce_e1(%x: tensor<5xf32>) {
  // expected-error@+1 {{axis -1 is out of range for rank 1; expected a value in [0, 1)}}
  %0 = graph.arg_reduce %x {axis = -1 : i64, keep_dims = true, largest = true, select_last = false} : (tensor<5xf32>) -> tensor<1xi64>
  return
}

// -----

func.func @arg_reduce_e2(%x: tensor<0xf32>) {
  // expected-error@+1 {{dim 0 is 0; expected 1 or more}}
  %0 = graph.arg_reduce %x {axis = 0 : i64, keep_dims = true, largest = true, select_last = false} : (tensor<0xf32>) -> tensor<1xi64>
  return
}

// -----

func.func @arg_reduce_e3(%x: tensor<5xi1>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number}}
  %0 = graph.arg_reduce %x {axis = 0 : i64, keep_dims = true, largest = true, select_last = false} : (tensor<5xi1>) -> tensor<1xi64>
  return
}

// -----

func.func @softmax_e1(%x: tensor<5xf32>) {
  // expected-error@+1 {{axis 1 is out of range for rank 1; expected a value in [0, 1)}}
  %0 = graph.softmax %x axis 1 : (tensor<5xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @softmax_e2(%x: tensor<5xi32>) {
  // expected-error@+1 {{input has element type 'i32'; expected f16, bf16, f32 or f64}}
  %0 = graph.softmax %x axis 0 : (tensor<5xi32>) -> tensor<5xi32>
  return
}

// -----

func.func @scan_e1(%x: tensor<f32>) {
  // expected-error@+1 {{axis 0 is out of range for rank 0; expected a value in [0, 0)}}
  %0 = graph.scan sum %x axis 0 {exclusive = false, reverse = false} : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @scan_e2(%x: tensor<5xi1>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number}}
  %0 = graph.scan sum %x axis 0 {exclusive = false, reverse = false} : (tensor<5xi1>) -> tensor<5xi1>
  return
}

// -----

func.func @matmul_e1(%x: tensor<3xf32>, %y: tensor<3x4xf32>) {
  // expected-error@+1 {{operands have ranks 1 and 2; expected 2 or more}}
  %0 = graph.matmul %x, %y : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @matmul_e2(%x: tensor<2x3xf32>, %y: tensor<5x4xf32>) {
  // expected-error@+1 {{lhs of shape [2, 3] has 3 columns and rhs of shape [5, 4] has 5 rows; expected the same}}
  %0 = graph.matmul %x, %y : (tensor<2x3xf32>, tensor<5x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @matmul_e3(%x: tensor<2x2x3xf32>, %y: tensor<3x3x4xf32>) {
  // expected-error@+1 {{batch dims [2] and [3] do not broadcast}}
  %0 = graph.matmul %x, %y : (tensor<2x2x3xf32>, tensor<3x3x4xf32>) -> tensor<?x2x4xf32>
  return
}

// -----

func.func @matmul_e4(%x: tensor<2x3xf32>, %y: tensor<3x4xf16>) {
  // expected-error@+1 {{element types 'f32' and 'f16' do not fit; expected the same float or integer of 32 or 64 bits, or 8-bit integers}}
  %0 = graph.matmul %x, %y : (tensor<2x3xf32>, tensor<3x4xf16>) -> tensor<2x4xf32>
  return
}

// -----

func.func @conv_e1(%x: tensor<4x9xf32>, %w: tensor<6x4xf32>) {
  // expected-error@+1 {{input and weight have ranks 2 and 2; expected the same, 3 or more}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<4x9xf32>, tensor<6x4xf32>) -> tensor<4x6xf32>
  return
}

// -----

func.func @conv_e2(%x: tensor<1x4x9xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error@+1 {{has 2 strides, 1 dilations and 2 pads; expected 1, 1 and 2}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x4x9xf32>, tensor<6x4x3xf32>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e3(%x: tensor<1x4x9xf32>, %w: tensor<6x3x3xf32>) {
  // expected-error@+1 {{input has 4 channels; expected 3 from the weight and 1 groups}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<6x3x3xf32>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e3_groups(%x: tensor<1x4x9xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error@+1 {{has 0 groups; expected 1 or more}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 0 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<6x4x3xf32>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e3_split(%x: tensor<1x4x9xf32>, %w: tensor<5x2x3xf32>) {
  // expected-error@+1 {{weight has 5 channels; expected a multiple of 2 groups}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<5x2x3xf32>) -> tensor<1x5x7xf32>
  return
}

// -----

func.func @conv_e4(%x: tensor<1x4x9xf32>, %w: tensor<6x4x3xi8>) {
  // expected-error@+1 {{element types 'f32' and 'i8' do not fit; expected the same float, or 8-bit integers}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<6x4x3xi8>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e5(%x: tensor<1x4x9xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error@+1 {{a stride is 0; expected 1 or more}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 0>} : (tensor<1x4x9xf32>, tensor<6x4x3xf32>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e5_dilation(%x: tensor<1x4x9xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error@+1 {{a dilation is -1; expected 1 or more}}
  %0 = graph.conv %x, %w {dilations = array<i64: -1>, groups = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<6x4x3xf32>) -> tensor<1x6x7xf32>
  return
}

// -----

func.func @conv_e6(%x: tensor<1x4x9xf32>, %w: tensor<6x4x13xf32>) {
  // expected-error@+1 {{the window of spatial dim 0 is 3 larger than the padded input}}
  %0 = graph.conv %x, %w {dilations = array<i64: 1>, groups = 1 : i64, pads = array<i64: 0, 1>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<6x4x13xf32>) -> tensor<1x6x0xf32>
  return
}

// -----

func.func @conv_transpose_e1(%x: tensor<1x4x9xf32>, %w: tensor<4x6xf32>) {
  // expected-error@+1 {{input and weight have ranks 3 and 2; expected the same, 3 or more}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<4x6xf32>) -> tensor<1x6x9xf32>
  return
}

// -----

func.func @conv_transpose_e2(%x: tensor<1x4x9xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error@+1 {{has 1 strides, 1 dilations and 1 pads; expected 1, 1 and 2}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<4x6x3xf32>) -> tensor<1x6x11xf32>
  return
}

// -----

func.func @conv_transpose_e2_output(%x: tensor<1x4x9xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error@+1 {{has 2 output paddings; expected 1}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0, 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<4x6x3xf32>) -> tensor<1x6x11xf32>
  return
}

// -----

func.func @conv_transpose_e3(%x: tensor<1x4x9xf32>, %w: tensor<3x6x3xf32>) {
  // expected-error@+1 {{input has 4 channels; expected 3 from the weight and 1 groups}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<3x6x3xf32>) -> tensor<1x6x11xf32>
  return
}

// -----

func.func @conv_transpose_e4(%x: tensor<1x4x9xi8>, %w: tensor<4x6x3xi8>) {
  // expected-error@+1 {{element types 'i8' and 'i8' do not fit; expected the same float}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xi8>, tensor<4x6x3xi8>) -> tensor<1x6x11xi32>
  return
}

// -----

func.func @conv_transpose_e5(%x: tensor<1x4x9xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error@+1 {{a dilation is 0; expected 1 or more}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 0>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 0, 0>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<4x6x3xf32>) -> tensor<1x6x11xf32>
  return
}

// -----

func.func @conv_transpose_e6(%x: tensor<1x4x9xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error@+1 {{spatial dim 0 would be -1; expected pads that remove no more than there is}}
  %0 = graph.conv_transpose %x, %w {dilations = array<i64: 1>, groups = 1 : i64, output_padding = array<i64: 0>, pads = array<i64: 6, 6>, strides = array<i64: 1>} : (tensor<1x4x9xf32>, tensor<4x6x3xf32>) -> tensor<1x6x0xf32>
  return
}

// -----

func.func @pool_e1(%x: tensor<4x9xf32>) {
  // expected-error@+1 {{input has rank 2; expected 3 or more}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<4x9xf32>) -> tensor<4x9xf32>
  return
}

// -----

func.func @pool_indices_e1(%x: tensor<4x9xf32>) {
  // expected-error@+1 {{input has rank 2; expected 3 or more}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<4x9xf32>) -> tensor<4x9xi64>
  return
}

// -----

func.func @pool_e2(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{has a window of rank 2; expected 1}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2, 2>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @pool_indices_e2(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{has a window of rank 2; expected 1}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2, 2>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xi64>
  return
}

// -----

func.func @pool_e2_pads(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{has 1 strides, 1 dilations and 1 pads; expected 1, 1 and 2}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @pool_indices_e2_pads(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{has 1 strides, 1 dilations and 1 pads; expected 1, 1 and 2}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xi64>
  return
}

// -----

func.func @pool_e3(%x: tensor<1x4x9xi1>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number}}
  %0 = graph.pool max %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x9xi1>) -> tensor<1x4x4xi1>
  return
}

// -----

func.func @pool_indices_e3(%x: tensor<1x4x9xi1>) {
  // expected-error@+1 {{input has element type 'i1'; expected a number}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x9xi1>) -> tensor<1x4x4xi64>
  return
}

// -----

func.func @pool_e3_mean(%x: tensor<1x4x9xi32>) {
  // expected-error@+1 {{input has element type 'i32'; expected a float for a mean}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 2>} : (tensor<1x4x9xi32>) -> tensor<1x4x4xi32>
  return
}

// -----

func.func @pool_e4(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{a window is 0; expected 1 or more}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 0>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xf32>
  return
}

// -----

func.func @pool_indices_e4(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{a window is 0; expected 1 or more}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 0>} : (tensor<1x4x9xf32>) -> tensor<1x4x4xi64>
  return
}

// -----

func.func @pool_e5(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{the window of spatial dim 0 is 1 larger than the padded input}}
  %0 = graph.pool avg %x {ceil_mode = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 10>} : (tensor<1x4x9xf32>) -> tensor<1x4x0xf32>
  return
}

// -----

func.func @pool_indices_e5(%x: tensor<1x4x9xf32>) {
  // expected-error@+1 {{the window of spatial dim 0 is 1 larger than the padded input}}
  %0 = graph.pool_indices %x {ceil_mode = false, column_major = false, dilations = array<i64: 1>, pads = array<i64: 0, 0>, strides = array<i64: 2>, window = array<i64: 10>} : (tensor<1x4x9xf32>) -> tensor<1x4x0xi64>
  return
}

// -----

func.func @resize_e1(%x: tensor<1x4xf32>, %s: tensor<3xi64>, %f: tensor<2xf32>, %r: tensor<0xf32>) {
  // expected-error@+1 {{sizes, scales and roi have types 'tensor<3xi64>', 'tensor<2xf32>' and 'tensor<0xf32>'; expected 2, 2 and 4 elements}}
  %0 = graph.resize linear %x to %s, %f, %r {antialias = false, coord = 0 : i32, cubic_a = -7.500000e-01 : f64, exclude_outside = false, extrapolation = 0.000000e+00 : f64, nearest = 0 : i32} : (tensor<1x4xf32>, tensor<3xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @resize_e2(%x: tensor<1x4xi32>, %s: tensor<2xi64>, %f: tensor<2xf32>, %r: tensor<0xf32>) {
  // expected-error@+1 {{input has element type 'i32'; expected a float or 8-bit integer for cubic}}
  %0 = graph.resize cubic %x to %s, %f, %r {antialias = false, coord = 0 : i32, cubic_a = -7.500000e-01 : f64, exclude_outside = false, extrapolation = 0.000000e+00 : f64, nearest = 0 : i32} : (tensor<1x4xi32>, tensor<2xi64>, tensor<2xf32>, tensor<0xf32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @if_e1(%c: tensor<i1>, %x: tensor<3xf32>, %y: tensor<3xi32>) {
  // expected-error@+1 {{regions yield 'tensor<3xf32>' and 'tensor<3xi32>' as value 0; expected one element type and rank}}
  %0 = graph.if %c then {
    graph.yield %x : tensor<3xf32>
  } else {
    graph.yield %y : tensor<3xi32>
  } : (tensor<i1>) -> tensor<3xf32>
  return
}

// -----

func.func @if_e1_number(%c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{regions yield 1 and 2 values; expected the same number}}
  %0 = graph.if %c then {
    graph.yield %x : tensor<3xf32>
  } else {
    graph.yield %x, %x : tensor<3xf32>, tensor<3xf32>
  } : (tensor<i1>) -> tensor<3xf32>
  return
}

// -----

func.func @if_e2(%c: tensor<2xi1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{condition has type 'tensor<2xi1>'; expected one i1}}
  %0 = graph.if %c then {
    graph.yield %x : tensor<3xf32>
  } else {
    graph.yield %x : tensor<3xf32>
  } : (tensor<2xi1>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e1(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region has 1 arguments; expected 2, the iteration and the carried values}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>):
    graph.yield %c, %x : tensor<i1>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e1_counter(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region argument 0 has type 'tensor<i32>'; expected an i64 scalar}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i32>, %a: tensor<3xf32>):
    graph.yield %c, %x : tensor<i1>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e1_type(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region argument 1 has type 'tensor<4xf32>'; expected that of the carried value, 'tensor<3xf32>'}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<4xf32>):
    graph.yield %c, %x : tensor<i1>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e2(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region yields 1 values; expected a condition and at least 1 carried values}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
    graph.yield %c : tensor<i1>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e2_condition(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region yields a condition of type 'tensor<i64>'; expected one i1}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
    graph.yield %i, %a : tensor<i64>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e2_type(%n: tensor<i64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{region yields 'tensor<i64>' as carried value 0; expected that of its argument, 'tensor<3xf32>'}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
    graph.yield %c, %i : tensor<i1>, tensor<i64>
  } : (tensor<i64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @loop_e3(%n: tensor<2xi64>, %c: tensor<i1>, %x: tensor<3xf32>) {
  // expected-error@+1 {{trip_count has type 'tensor<2xi64>'; expected one element}}
  %0 = graph.loop %n, %c, %x {
  ^bb0(%i: tensor<i64>, %a: tensor<3xf32>):
    graph.yield %c, %x : tensor<i1>, tensor<3xf32>
  } : (tensor<2xi64>, tensor<i1>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @result_type(%x: tensor<2xf32>) {
  // expected-error@+1 {{result 0 has type 'tensor<3xf32>'; expected 'tensor<2xf32>'}}
  %0 = graph.neg %x : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @too_large(%x: tensor<4611686018427387904x1xf32>, %y: tensor<1x4xf32>) {
  // expected-error@+1 {{result 0 would hold more than 2^63 - 1 elements}}
  %0 = graph.add %x, %y : (tensor<4611686018427387904x1xf32>, tensor<1x4xf32>) -> tensor<?x?xf32>
  return
}

// -----

func.func @overflow(%x: tensor<4611686018427387904xf32>) {
  // expected-error@+1 {{dim 0 of result 0 does not fit 64 bits}}
  %0 = graph.concat %x, %x axis 0 : (tensor<4611686018427387904xf32>, tensor<4611686018427387904xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @negative_dim() {
  %c = graph.constant dense<-5> : tensor<1xi64>
  // expected-error@+1 {{dim 0 of result 0 is -5; expected 0 or more}}
  %0 = graph.random uniform %c {a = 0.0 : f64, b = 1.0 : f64, dtype = f32, seed = 7 : i64} : (tensor<1xi64>) -> tensor<?xf32>
  return
}

// -----

func.func @unique_e1(%x: tensor<3xf32>) {
  // expected-error@+1 {{rows have shape [3]; expected a matrix}}
  %0:2 = graph.unique %x {sorted = true} : (tensor<3xf32>) -> (tensor<?xi64>, tensor<?xi64>)
  return
}

// -----

func.func @non_max_suppression_e1(%b: tensor<1x9x3xf32>, %s: tensor<1x2x9xf32>, %k: tensor<i64>, %t: tensor<f32>) {
  // expected-error@+1 {{expected [B, N, 4], [B, C, N], and scalars}}
  %0 = graph.non_max_suppression %b, %s, %k, %t, %t {centered = true} : (tensor<1x9x3xf32>, tensor<1x2x9xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<1x2x?xi64>
  return
}

// -----

func.func @non_max_suppression_e2(%b: tensor<1x9x4xf32>, %s: tensor<1x2x8xf32>, %k: tensor<i64>, %t: tensor<f32>) {
  // expected-error@+1 {{has boxes of shape [1, 9, 4] for scores of shape [1, 2, 8]; expected the same batch and number of boxes}}
  %0 = graph.non_max_suppression %b, %s, %k, %t, %t {centered = true} : (tensor<1x9x4xf32>, tensor<1x2x8xf32>, tensor<i64>, tensor<f32>, tensor<f32>) -> tensor<1x2x?xi64>
  return
}

// -----

func.func @tree_leaves_e1(%x: tensor<?x3xf32>, %r: tensor<2xi64>, %i: tensor<5xi64>, %j: tensor<6xi64>, %t: tensor<5xf32>, %m: tensor<5xi1>) {
  // expected-error@+1 {{expected [N, F], [T], and tables of one length}}
  %0 = graph.tree_leaves %x, %r, %i, %t, %i, %j, %i, %m {depth = 4 : i64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<5xi64>, tensor<5xf32>, tensor<5xi64>, tensor<6xi64>, tensor<5xi64>, tensor<5xi1>) -> tensor<?x2xi64>
  return
}

// -----

func.func @tree_leaves_e2(%x: tensor<?x3xf64>, %r: tensor<2xi64>, %i: tensor<5xi64>, %t: tensor<5xf32>, %m: tensor<5xi1>) {
  // expected-error@+1 {{has thresholds of 'f32'; expected the input's 'f64'}}
  %0 = graph.tree_leaves %x, %r, %i, %t, %i, %i, %i, %m {depth = 4 : i64} : (tensor<?x3xf64>, tensor<2xi64>, tensor<5xi64>, tensor<5xf32>, tensor<5xi64>, tensor<5xi64>, tensor<5xi64>, tensor<5xi1>) -> tensor<?x2xi64>
  return
}

// -----

func.func @tree_leaves_e3(%x: tensor<?x3xf32>, %r: tensor<2xi64>, %i: tensor<5xi64>, %t: tensor<5xf32>, %m: tensor<5xi1>) {
  // expected-error@+1 {{has depth -1; expected 0 or more}}
  %0 = graph.tree_leaves %x, %r, %i, %t, %i, %i, %i, %m {depth = -1 : i64} : (tensor<?x3xf32>, tensor<2xi64>, tensor<5xi64>, tensor<5xf32>, tensor<5xi64>, tensor<5xi64>, tensor<5xi64>, tensor<5xi1>) -> tensor<?x2xi64>
  return
}

// -----

func.func @det_e1(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{input has shape [2, 3]; expected square matrices}}
  %0 = graph.det %x : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @det_e2(%x: tensor<2x2xf16>) {
  // expected-error@+1 {{input has element type 'f16'; expected f32 or f64}}
  %0 = graph.det %x : (tensor<2x2xf16>) -> tensor<f16>
  return
}

// -----

func.func @inverse_e1(%x: tensor<2xf32>) {
  // expected-error@+1 {{input has shape [2]; expected square matrices}}
  %0 = graph.inverse %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @inverse_e2(%x: tensor<2x2xi32>) {
  // expected-error@+1 {{input has element type 'i32'; expected f32 or f64}}
  %0 = graph.inverse %x : (tensor<2x2xi32>) -> tensor<2x2xi32>
  return
}
