"""Handlers as a project may have written them for django-graphql-jwt."""


def get_of_a_device(refresh_token_model, token, context=None):
    """Find a refresh token for a device that is known."""
    if context.META.get("HTTP_X_DEVICE") != "known":
        raise refresh_token_model.DoesNotExist
    return refresh_token_model.objects.get(token=token, revoked__isnull=True)
