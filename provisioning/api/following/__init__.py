"""What callers follow their requests by, made without the ORM and pydantic: one statement of constant SQL reads what says
whether anything changed, another what the answer is made of. `schemas.status` stays the contract; a test holds both equal."""
