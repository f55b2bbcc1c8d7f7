"""The command line of the 2018 program; `python classify_image.py -h` lists its options.

This file runs the package of its clone, which does not have to be installed if its requirements are.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from imagemood.acumos.classify_image import main

if __name__ == "__main__":
    main()
