"""The graphene types that several contenders show, and what their resolvers return."""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from graphene_django import DjangoObjectType

from ..models import Book


class UserType(DjangoObjectType):
    """Whoever signed in."""

    class Meta:
        model = get_user_model()
        fields = ("id", "username", "email")
        # Other schemas of this process have a type for the model, too.
        skip_registry = True


class BookType(DjangoObjectType):
    """One of a hundred rows."""

    class Meta:
        model = Book
        fields = ("id", "title", "author", "pages", "year")
        skip_registry = True


def me_field() -> graphene.Field:
    """Declare who one is."""
    return graphene.Field(UserType)


def books_field() -> graphene.List:
    """Declare the list."""
    return graphene.List(BookType)


def current_user(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> Any:
    """Return whom the request was found to come from."""
    return info.context.user


def all_books(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> QuerySet[Book]:
    """Return every row, in one statement."""
    return Book.objects.order_by("pk")
