"""Projects in a process of their own: what cannot be changed once Django is set up.

`python -m tests.migration.project members` has users with a UUID, known by their e-mail address;
`long-running` has the original's refresh tokens in its database; `without-app` and
`without-tables` have the handlers, and not what they need. Each prints what it found.
"""

import json
import os
import sys

SIGN_IN = 'mutation { tokenAuth(%s: "alice", password: "pass") { token payload %s } }'


def set_up(*, apps=(), jwt=None, without_app=False, tables=(), **more):
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    from django.conf import settings

    from revocation.contrib.graphql_jwt import HANDLERS

    settings.DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
    }
    ours = ("revocation", "api.apps.ApiConfig", "api.apps.CountingAdminConfig")
    left_out = ours if without_app else ()
    installed = [app for app in settings.INSTALLED_APPS if app not in left_out]
    settings.INSTALLED_APPS = [*installed, *apps]
    settings.GRAPHQL_JWT = {**HANDLERS, **(jwt or {})}
    settings.AUTHENTICATION_BACKENDS = [
        "graphql_jwt.backends.JSONWebTokenBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
    for name, value in more.items():
        setattr(settings, name, value)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", *tables, verbosity=0)


def make_schema():
    import graphene
    import graphql_jwt
    from graphql_jwt.decorators import login_required

    from revocation.graphql import Logout

    class Query(graphene.ObjectType):
        me = graphene.String()

        @login_required
        def resolve_me(root, info):
            return f"{info.context.user.pk} {info.context.user.get_username()}"

    class Mutation(graphene.ObjectType):
        token_auth = graphql_jwt.ObtainJSONWebToken.Field()
        verify_token = graphql_jwt.Verify.Field()
        refresh_token = graphql_jwt.Refresh.Field()
        revoke_token = graphql_jwt.Revoke.Field()
        logout = Logout.Field()

    return graphene.Schema(query=Query, mutation=Mutation)


def ask(schema, query, token=None):
    from django.test import RequestFactory
    from graphql_jwt.middleware import JSONWebTokenMiddleware

    headers = {"HTTP_AUTHORIZATION": f"JWT {token}"} if token else {}
    result = schema.execute(
        query,
        context_value=RequestFactory().post("/", **headers),
        middleware=[JSONWebTokenMiddleware()],
    )
    return {"data": result.data, "errors": [error.message for error in result.errors or ()]}


def create_user(name):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.create_user(name, password="pass")


def members():
    set_up(apps=["tests.members"], AUTH_USER_MODEL="members.Member")
    alice, schema = create_user("alice"), make_schema()
    answers = {"pk": str(alice.pk), "sign in": ask(schema, SIGN_IN % ("email", ""))}
    token = answers["sign in"]["data"]["tokenAuth"]["token"]
    refresh = f'mutation {{ refreshToken(token: "{token}") {{ token payload }} }}'
    answers["me"] = ask(schema, "{ me }", token)
    answers["refresh"] = ask(schema, refresh)
    answers["logout"] = ask(schema, "mutation { logout { ok } }", token)
    answers["me after"] = ask(schema, "{ me }", token)
    answers["refresh after"] = ask(schema, refresh)
    return answers


def long_running():
    set_up(
        apps=["graphql_jwt.refresh_token.apps.RefreshTokenConfig"],
        jwt={"JWT_LONG_RUNNING_REFRESH_TOKEN": True},
    )
    from graphql_jwt.refresh_token.models import RefreshToken

    create_user("alice")
    schema = make_schema()
    answers = {"sign in": ask(schema, SIGN_IN % ("username", "refreshToken"))}
    signed_in = answers["sign in"]["data"]["tokenAuth"]
    given = f'refreshToken: "{signed_in["refreshToken"]}"'
    answers["me"] = ask(schema, "{ me }", signed_in["token"])
    answers["logout"] = ask(schema, f"mutation {{ logout({given}) {{ ok }} }}", signed_in["token"])
    answers["me after"] = ask(schema, "{ me }", signed_in["token"])
    answers["refresh"] = ask(schema, f"mutation {{ refreshToken({given}) {{ token }} }}")
    answers["revoke"] = ask(schema, f"mutation {{ revokeToken({given}) {{ revoked }} }}")
    answers["rows"] = [row.revoked is None for row in RefreshToken.objects.all()]
    return answers


def without_app():
    set_up(without_app=True)
    create_user("alice")
    return handlers_alone()


def without_tables():
    set_up(tables=["auth"])
    create_user("alice")
    return handlers_alone()


def handlers_alone():
    """Ask the original's own fields and decorators, with a token that nobody could have revoked."""
    import graphene
    import graphql_jwt
    from graphql_jwt.decorators import login_required

    class Query(graphene.ObjectType):
        me = graphene.String()

        @login_required
        def resolve_me(root, info):
            return info.context.user.get_username()

    class Mutation(graphene.ObjectType):
        token_auth = graphql_jwt.ObtainJSONWebToken.Field()

    schema = graphene.Schema(query=Query, mutation=Mutation)
    answers = {"sign in": ask(schema, SIGN_IN % ("username", ""))}
    answers["me"] = ask(schema, "{ me }", signed("1"))
    return answers


def signed(sub):
    """Return a token that is good by all it says."""
    import time

    from revocation.tokens import sign_access_payload

    now = int(time.time())
    claims = {"username": "alice", "sub": sub, "jti": "a" * 32, "sid": "b" * 32, "iat": now}
    return sign_access_payload({**claims, "exp": now + 300, "origIat": now})


if __name__ == "__main__":
    found = globals()[sys.argv[1].replace("-", "_")]()
    json.dump(found, sys.stdout)
