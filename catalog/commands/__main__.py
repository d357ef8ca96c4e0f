"""`python -m catalog.commands`: the command, for whoever has this Python and not the script beside it."""

from catalog.commands.root import main

main()
