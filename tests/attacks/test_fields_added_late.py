"""A type that adds fields after graphene has collected them is protected with those fields."""

import graphene
import pytest

from revocation.decorators import login_required
from tests.revocation.requests import body, reasons, request_with, signed_in

pytestmark = pytest.mark.django_db

SECRET = "the-protected-value"


@login_required
class Base(graphene.ObjectType):
    value = graphene.String(default_value=SECRET)


class WithExtra(Base):
    """What libraries do that generate fields: the options come first, the fields follow."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, extra, **options):
        super().__init_subclass_with_meta__(**options)
        cls._meta.fields[extra] = graphene.Field(graphene.String, default_value=SECRET)


class Query(WithExtra):
    class Meta:
        extra = "generated"


execute = graphene.Schema(query=Query).execute


@pytest.mark.parametrize("field", ["value", "generated"])
def test_without_a_token_every_field_is_refused(field):
    result = execute(f"{{ {field} }}", context_value=request_with())

    assert reasons(result) == ["TOKEN_MISSING"]
    assert SECRET not in body(result)


def test_with_a_good_token_they_answer(alice):
    result = execute("{ value generated }", context_value=signed_in(alice))

    assert result.data == {"value": SECRET, "generated": SECRET}
