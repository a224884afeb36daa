"""What the registry records about models, versions, uses and suppliers: fields as data."""
