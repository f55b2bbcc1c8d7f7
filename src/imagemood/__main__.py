"""``python -m imagemood`` is the command line."""

from imagemood.cli import main

if __name__ == "__main__":
    main()
