"""What a document leaves as: readable without the registry, signatures and digests last."""
