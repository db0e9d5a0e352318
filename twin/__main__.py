"""`python -m twin` is the command `twin`."""

from __future__ import annotations

from twin.cli.main import main

if __name__ == "__main__":
    main()
