"""The pages of what runs where: environments, deployments, and what a change of data reaches."""
