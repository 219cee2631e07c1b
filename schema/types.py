"""Object types."""

import graphene
from django.contrib.auth import get_user_model
from graphene_django import DjangoObjectType


class User(DjangoObjectType):
    """Whoever signed in."""

    email = graphene.String()
    first_name = graphene.String()
    last_name = graphene.String()

    class Meta:
        model = get_user_model()
        fields = ("id", "username", "email", "first_name", "last_name")
