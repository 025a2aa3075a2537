"""A Pygments lexer for HCL 2. Pygments' own marks valid Terraform as errors; this one has no error tokens at all."""

from collections.abc import Callable
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, include, words
from pygments.lexer import bygroups as _bygroups
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

BLOCKS = (
    "resource|data|variable|output|provider|module|terraform|locals|moved|import|removed|check|ephemeral|backend|"
    "required_providers|lifecycle|dynamic|provisioner|connection|validation|precondition|postcondition"
)
HEREDOC = r"(<<-?)(\s*)([A-Za-z_][\w-]*)(\r?\n)((?:.*\r?\n)*?)([ \t]*)(\3)(?=\s|$)"


by_groups: Callable[..., Any] = _bygroups


class HclLexer(RegexLexer):
    name = "HCL 2"
    aliases: ClassVar = ["hcl2"]
    filenames: ClassVar = ["*.tf", "*.tfvars", "*.hcl"]
    tokens: ClassVar = {
        "root": [
            (r"\s+", Whitespace),
            (r"#.*?$|//.*?$", Comment.Single),
            (r"/\*", Comment.Multiline, "comment"),
            (
                HEREDOC,
                by_groups(
                    Operator,
                    Whitespace,
                    String.Delimiter,
                    Whitespace,
                    String.Heredoc,
                    Whitespace,
                    String.Delimiter,
                ),
            ),
            (r'"', String.Double, "string"),
            (rf'^(\s*)({BLOCKS})\b(?=[ \t]*(?:"|\{{))', by_groups(Whitespace, Keyword.Declaration)),
            (r"(for|in|if)\b", Keyword),
            (words(("true", "false", "null"), suffix=r"\b"), Keyword.Constant),
            (words(("string", "number", "bool", "any"), suffix=r"\b(?!\s*[=(.])"), Keyword.Type),
            (r"(list|set|map|object|tuple|optional)(?=\()", Keyword.Type),
            (r"(var|local|data|module|each|count|self|path|terraform)(?=\.)", Name.Builtin),
            (r"[A-Za-z_][\w-]*(?=\()", Name.Function),
            (r"[A-Za-z_][\w-]*(?=\s*=(?![=>]))", Name.Attribute),
            (r"[A-Za-z_][\w-]*(?=\s*\{)", Name.Tag),
            (r"[A-Za-z_][\w-]*", Name),
            (r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", Number),
            (r"=>|==|!=|<=|>=|&&|\|\||\.\.\.|[-+*/%<>!?:=]", Operator),
            (r"[\[\](){}.,]", Punctuation),
            (r".", Text),
        ],
        "comment": [
            (r"[^*]+", Comment.Multiline),
            (r"\*/", Comment.Multiline, "#pop"),
            (r"\*", Comment.Multiline),
        ],
        "string": [
            (r'"', String.Double, "#pop"),
            (r"\\(?:.|\n)", String.Escape),
            (r"\$\$\{|%%\{", String.Escape),
            (r"[$%]\{~?", String.Interpol, "interpolation"),
            (r'[^"\\$%]+', String.Double),
            (r"[$%\\]", String.Double),
        ],
        "interpolation": [
            (r"~?\}", String.Interpol, "#pop"),
            (r"\{", Punctuation, "brace"),
            include("root"),
        ],
        "brace": [
            (r"\}", Punctuation, "#pop"),
            (r"\{", Punctuation, "#push"),
            include("root"),
        ],
    }
