"""D: django-oauth-toolkit as it comes, in the locked version, with OpenID Connect and secrets as they are, not hashed."""
