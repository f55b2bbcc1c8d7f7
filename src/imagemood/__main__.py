"""Runs the command line as ``python -m imagemood``."""

from imagemood.cli import main

if __name__ == "__main__":
    main()
