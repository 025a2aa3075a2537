from django.db import models


class RateWindow(models.Model):
    """How often one caller did one thing since `began`. A minute later the next call begins the window anew."""

    # The row's own name: one statement finds or makes it, without a lock of its own.
    key = models.CharField(primary_key=True, max_length=200, help_text="What, and who")
    began = models.DateTimeField(help_text="When its first call came, by the clock of Postgres")
    count = models.PositiveIntegerField(help_text="Calls since then")

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
