"""The wire types of `/api/v1`, by subject. Names and meanings of the first block of each are the published contract; fields
may be added, none changed."""
