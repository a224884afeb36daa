"""Documents from templates: which fields they ask for, where values come from, what leaves them."""
