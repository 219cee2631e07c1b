"""What services in other languages ask us: whether a token is good, and to revoke one.

Off until `REVOCATION["OAUTH_CLIENTS"]` names who may ask.
"""
