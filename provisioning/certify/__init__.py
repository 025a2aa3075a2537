"""Proof that a resource type's templates are what they should be, made when they change and not on each request.

Only `manage.py certify` comes here; no page, no endpoint and no worker does.
"""
