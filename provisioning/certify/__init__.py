"""Proof that a resource type's templates are what they should be, made when they change and not on each request.

Only the commands `certify` and `catalog` come here; no page, no endpoint and no worker does.
"""
