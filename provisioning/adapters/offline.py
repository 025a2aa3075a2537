"""What a plan without credentials leaves out: data sources that ask AWS. Templates give each a count and read it with `try`."""

import re
from collections.abc import Iterable

OVERRIDE_FILE = "offline_override.tf"
WITHOUT_AWS = {"aws_iam_policy_document", "aws_partition", "aws_region"}
_DATA = re.compile(r'^data "(\w+)" "(\w+)" \{$', re.MULTILINE)


def left_out(texts: Iterable[str]) -> str:
    """An override file that Terraform lays over the code
    (https://developer.hashicorp.com/terraform/language/files/override); "" where nothing asks AWS."""
    blocks = []
    for text in texts:
        for kind, name in _DATA.findall(text):
            if kind not in WITHOUT_AWS:
                blocks.append(f'data "{kind}" "{name}" {{\n  count = 0\n}}\n')
    return "\n".join(blocks)
