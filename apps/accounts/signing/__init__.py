"""How people sign, whatever is signed: the words, the ticket that carries them, the signature."""
