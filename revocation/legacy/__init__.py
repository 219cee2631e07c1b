"""Legacy tokens: those of django-graphql-jwt and simplejwt from before the upgrade.

Until `REVOCATION["ACCEPT_LEGACY_UNTIL"]` they are worth what they were worth then, and each belongs
to a session of its own, so that it can be revoked like any other. `access.py` reads access tokens,
`refresh.py` exchanges refresh tokens, `adoption.py` opens the session.
"""
