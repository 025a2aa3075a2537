"""Terraform's language, as far as the portal writes it: literals, the tree of a text, and what a text declares and allows."""
