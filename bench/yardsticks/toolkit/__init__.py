"""D: django-oauth-toolkit as it comes, in the version that is locked, with OpenID Connect and secrets that are not hashed."""
