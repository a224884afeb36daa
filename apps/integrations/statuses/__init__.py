"""Statuses of commits: how the versions made of them stand, told where the code is kept."""
