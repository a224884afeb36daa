"""The tracking record: experiments, runs with what they used and measured, and logged models."""
