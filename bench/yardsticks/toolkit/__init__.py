"""D: django-oauth-toolkit as it comes, in the locked version, with OpenID Connect; secrets are not hashed."""
