"""One trail for everything that somebody will ask about later. Nothing in it is ever changed.

`record.record` writes an event in the transaction of what it tells, `seal.seal_committed` chains committed events by
hash, `verify.verify` finds the first record that is not as it was sealed. See docs/decisions for why they are apart.
"""
