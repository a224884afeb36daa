"""What people type about assets and lineage, and the ends they mean."""
