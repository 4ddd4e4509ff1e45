// RUN: not nacre-opencl-print %s 2>&1 | FileCheck %s

gpu.module @vectors {
  gpu.func @vectors(%x: memref<?xf32>, %i: index) kernel {
    // CHECK: has a value of type 'vector<4xf32>', which OpenCL C has no form of
    %v = vector.load %x[%i] : memref<?xf32>, vector<4xf32>
    gpu.return
  }
}
