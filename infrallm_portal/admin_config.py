from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own rights and sign-in."""

    default_site = "provisioning.web.admin_site.PortalAdminSite"
