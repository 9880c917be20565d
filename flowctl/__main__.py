"""`python -m flowctl`."""

from flowctl.cli.main import main

if __name__ == "__main__":
    main()
