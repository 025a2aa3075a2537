from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "provisioning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from provisioning import checks  # noqa: F401  # registers them
        from provisioning.identity import people, sessions  # noqa: F401  # hear of users and sign-ins
        from provisioning.identity.sso import hooks  # noqa: F401  # hears of connected accounts
        from provisioning.trail import of_requests  # noqa: F401  # requests' events are part of it
