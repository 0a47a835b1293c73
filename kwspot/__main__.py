"""`kwspot` and `python -m kwspot`."""

import sys

from kwspot.cli import main

if __name__ == "__main__":
    sys.exit(main())
