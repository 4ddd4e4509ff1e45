#!/usr/bin/env python3
"""compare.py FILE.npy V,V,... D,D,...: fails unless the file holds these values in this shape."""
import sys

import numpy as np

array = np.load(sys.argv[1])
values, shape = ([float(v) for v in sys.argv[2].split(",")], tuple(int(d) for d in sys.argv[3].split(",")))
if array.shape != shape or array.ravel().tolist() != values:
    sys.exit(f"{sys.argv[1]}: {array!r}")
