"""The pages. Each works without JavaScript; HTMX asks the same views for the part that changes."""
