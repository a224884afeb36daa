"""OpenLineage: what run events say to lineage, and lineage as run events. Pure: nothing is read."""
