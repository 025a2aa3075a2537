"""The web server's entrance. A broken catalog ends it here, with file, key and reason, and never a request."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrallm_portal.settings")

application = get_wsgi_application()

from provisioning import checks  # noqa: E402  # needs Django's settings

for message in checks.catalog():
    sys.exit(str(message.msg))
