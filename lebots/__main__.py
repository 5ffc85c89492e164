"""``python -m lebots``."""

from lebots.cli import main

if __name__ == "__main__":
    main()
