"""What contenders keep and show in the database."""

from django.contrib.auth import get_user_model
from django.db import models


class Book(models.Model):
    """A row of the list that is asked for."""

    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200)
    pages = models.IntegerField()
    year = models.IntegerField()

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.title


class BlackListedToken(models.Model):
    """The text of a token that was logged out, as the well-known recipes keep it."""

    token = models.CharField(max_length=500)
    user = models.ForeignKey(get_user_model(), related_name="token_user", on_delete=models.CASCADE)
    timestamp = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "benchmarks"
        unique_together = ("token", "user")

    def __str__(self) -> str:
        return f"of {self.user_id}"
