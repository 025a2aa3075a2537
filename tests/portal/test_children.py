from infrallm_portal.dev.children import error_lines

TRACE = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1',
    "    run()",
    "ValueError: a bug",
]


def test_a_traceback_is_said_as_the_line_that_says_what_it_was() -> None:
    assert list(error_lines(["INFO begun", *TRACE, "INFO done"])) == ["ValueError: a bug"]


def test_two_tracebacks_in_a_row_are_two_lines() -> None:
    between = ["", "During handling of the above exception, another exception occurred:", ""]
    said = list(error_lines([*TRACE, *between, *TRACE]))
    assert said == ["ValueError: a bug", "ValueError: a bug"]


def test_a_logged_error_comes_with_what_it_was() -> None:
    logged = ["2026 ERROR django.request Internal Server Error: /x", *TRACE]
    assert list(error_lines(logged)) == [logged[0], "ValueError: a bug"]


def test_what_is_no_error_is_not_said() -> None:
    assert list(error_lines(["INFO begun", "  indented", "[INFO] Started worker-1"])) == []
