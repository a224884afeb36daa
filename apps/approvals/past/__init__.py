"""What was true at a past moment, from history: models, versions, promotions, policies, and what
was in production under which approvals. Who may see it is decided by today's rights."""
