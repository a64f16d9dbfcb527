"""`python -m mingchu` is `mingchu`."""

from mingchu.cli import main

main()
