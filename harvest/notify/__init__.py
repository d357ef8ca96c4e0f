"""What operators and publishers are told without asking: by mail, and by posting to an address."""
