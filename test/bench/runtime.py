"""A small binding of the runtime's C API, for benchmarks and tests."""
import ctypes
import pathlib

import numpy as np

_DTYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 9: np.bool_,
           10: np.float16, 11: np.float64, 12: np.uint32, 13: np.uint64}


class _Value(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("dims", ctypes.POINTER(ctypes.c_int64)), ("rank", ctypes.c_uint32), ("tied", ctypes.c_int32),
                ("content", ctypes.c_void_p)]


class _Entry(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("num_inputs", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("inputs", ctypes.POINTER(_Value)), ("outputs", ctypes.POINTER(_Value)),
                ("num_outputs", ctypes.c_uint32), ("num_symbols", ctypes.c_uint32)]


class _Kernel(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("device", ctypes.c_uint32), ("name", ctypes.c_char_p),
                ("source", ctypes.c_char_p)]  # the head of it: only ever behind a pointer


class _Tensor(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("dtype", ctypes.c_uint32), ("rank", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32), ("dims", ctypes.POINTER(ctypes.c_int64)), ("data", ctypes.c_void_p),
                ("capacity", ctypes.c_uint64)]


class _ContextOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint32), ("entry", ctypes.c_uint32), ("num_threads", ctypes.c_uint32),
                ("profile", ctypes.c_uint32), ("pool", ctypes.c_void_p), ("parallel_for", ctypes.c_void_p),
                ("parallel_user", ctypes.c_void_p)]


class Model:
    """A loaded artifact with one context."""

    def __init__(self, library, path, threads=1, profile=False):
        self.lib = ctypes.CDLL(str(library))
        self.lib.nacre_last_error.restype = ctypes.c_char_p
        self.lib.nacre_context_error.restype = ctypes.c_char_p
        self.lib.nacre_model_entry.restype = ctypes.POINTER(_Entry)
        self.lib.nacre_model_kernel.restype = ctypes.POINTER(_Kernel)
        self.model = ctypes.c_void_p()
        self._check(self.lib.nacre_model_load(str(path).encode(), None, ctypes.byref(self.model)))
        options = _ContextOptions(ctypes.sizeof(_ContextOptions), 0, threads, profile)
        self.context = ctypes.c_void_p()
        self._check(self.lib.nacre_context_create(self.model, ctypes.byref(options), ctypes.byref(self.context)))
        self.entry = self.lib.nacre_model_entry(self.model, 0).contents

    def _check(self, status):
        if status:
            detail = self.lib.nacre_context_error(self.context) if getattr(self, "context", None) else None
            raise RuntimeError((detail or self.lib.nacre_last_error()).decode())

    def bind(self, arrays):
        """Prepares a call: returns a function without arguments that runs it."""
        count = self.entry.num_inputs
        arrays = [np.asarray(array, order="C") for array in arrays]
        self.keep = list(arrays)
        pointer = ctypes.POINTER(_Tensor)
        inputs = (pointer * count)()
        for i, array in enumerate(arrays):
            dims = (ctypes.c_int64 * max(1, array.ndim))(*array.shape)
            tensor = _Tensor(ctypes.sizeof(_Tensor), self.entry.inputs[i].dtype, array.ndim, 0, dims,
                             array.ctypes.data, array.nbytes)
            self.keep.append((dims, tensor))
            inputs[i] = ctypes.pointer(tensor)
        self.outputs = [_Tensor(ctypes.sizeof(_Tensor)) for _ in range(self.entry.num_outputs)]
        outputs = (pointer * len(self.outputs))(*[ctypes.pointer(tensor) for tensor in self.outputs])

        def call():
            for tensor in self.outputs:
                tensor.data = None
                tensor.capacity = 0
            self._check(self.lib.nacre_context_run(self.context, inputs, count, outputs, len(self.outputs)))

        return call

    def results(self):
        arrays = []
        for tensor in self.outputs:
            shape = [tensor.dims[d] for d in range(tensor.rank)]
            dtype = np.dtype(_DTYPES[tensor.dtype])
            size = int(np.prod(shape)) * dtype.itemsize
            arrays.append(np.frombuffer(ctypes.string_at(tensor.data, size), dtype).reshape(shape))
        return arrays

    def profile(self):
        """(kernel, ONNX nodes, launches, ns) of every kernel that ran."""
        rows = []
        launches, nanoseconds = ctypes.c_uint64(), ctypes.c_uint64()
        index = 0
        while self.lib.nacre_context_profile(self.context, ctypes.c_size_t(index), ctypes.byref(launches),
                                             ctypes.byref(nanoseconds)) == 0:
            kernel = self.lib.nacre_model_kernel(self.model, ctypes.c_size_t(index)).contents
            rows.append((kernel.name.decode(), kernel.source.decode(), launches.value, nanoseconds.value))
            index += 1
        return rows


def find_library(build):
    for place in ("runtime", "lib", "."):
        path = pathlib.Path(build) / place / "libnacre_runtime.so"
        if path.exists():
            return path
    raise FileNotFoundError(f"no libnacre_runtime.so under {build}")
