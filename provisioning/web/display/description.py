"""A pull request's description as GitHub would show it: Markdown to HTML."""

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

TASKS = {"[ ] ": "\N{BALLOT BOX} ", "[x] ": "\N{BALLOT BOX WITH CHECK} "}


def description(body: str) -> SafeString:
    """HTML of the body stays text, a link that could run something too (https://markdown-it-py.readthedocs.io/en/latest/security.html),
    and pictures are not shown: the browser would ask disallowed_constructs for them."""
    return SafeString(_MARKDOWN.render(body))


def _tasks(state: StateCore) -> None:
    """A list's "[ ]" becomes a box: what a reviewer still has to look at."""
    for item, paragraph, inline in zip(
        state.tokens, state.tokens[1:], state.tokens[2:], strict=False
    ):
        if (item.type, paragraph.type) == ("list_item_open", "paragraph_open") and inline.content[
            :4
        ] in TASKS:
            item.attrSet("class", "task")
            inline.content = TASKS[inline.content[:4]] + inline.content[4:]


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_MARKDOWN.core.ruler.before("inline", "tasks", _tasks)
