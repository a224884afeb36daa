"""Reads for pages that look across apps, always filtered to what the actor may see."""
