"""What others read a version in: a bill of materials, and a model card."""
