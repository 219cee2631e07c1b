"""The ways in which a user is deactivated or deleted, with Django's knowledge or without."""

from django.contrib.auth import get_user_model
from django.db import connection

User = get_user_model()


def by_raw_sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


DELETE = {
    "object": lambda user: user.delete(),
    "queryset": lambda user: User.objects.filter(pk=user.pk).delete(),
    "raw SQL": lambda user: by_raw_sql("DELETE FROM auth_user WHERE id = %s", user.pk),
}
DEACTIVATE = {
    "save": lambda user: User(**{**fields_of(user), "is_active": False}).save(),
    "save of the field": lambda user: deactivated(user).save(update_fields=["is_active"]),
    "update": lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
    "bulk update": lambda user: User.objects.bulk_update([deactivated(user)], ["is_active"]),
    "raw SQL": lambda user: by_raw_sql(
        "UPDATE auth_user SET is_active = %s WHERE id = %s", False, user.pk
    ),
}


def fields_of(user):
    return {field.attname: getattr(user, field.attname) for field in user._meta.concrete_fields}


def deactivated(user):
    user.is_active = False
    return user


ROUTES = {
    **{f"deactivated by {name}": route for name, route in DEACTIVATE.items()},
    **{f"deleted by {name}": route for name, route in DELETE.items()},
}
