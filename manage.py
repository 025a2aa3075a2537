#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from infrallm_portal.dev import demo

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrallm_portal.settings")
    if sys.argv[1:2] == ["dev"]:
        demo.prepare()
    execute_from_command_line(sys.argv)
