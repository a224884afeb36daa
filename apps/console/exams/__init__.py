"""Exam rooms at the door: what is open to examiners from outside, and the pages of rooms."""
