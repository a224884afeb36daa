"""What a caller may send, field by field; the rules of each value are the operations'."""
