"""The tests, which run in one process per core: the threads of BLAS and OpenMP would only compete with these.

Where tests and commands ask for several threads of OpenMP all the same, those that wait leave the cores to others.
The variables are read when NumPy and scikit-learn are loaded, and are inherited by the commands that tests run.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
