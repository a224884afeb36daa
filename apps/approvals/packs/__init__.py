"""Evidence packs: a file with everything about a version, a promotion, a model, or many of them."""
