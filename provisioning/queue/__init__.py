"""django-q2's queue on Postgres and the processes that work on it. Knows nothing of requests: a task is a function's path."""
