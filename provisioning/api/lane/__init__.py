"""The calls that programs make most, answered by the server's event loop itself: polls and lists of services that show a token.
Everything else, and whatever is not plain here, goes on to the site, which answers the same; a test compares the two."""
