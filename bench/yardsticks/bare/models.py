from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(AbstractBaseUser):
    """A row of the portal's logins, as it lies there."""

    entity_id = models.BigIntegerField()
    euid = models.CharField(max_length=12)
    username = models.CharField(max_length=150, unique=True)
    name_zh = models.CharField(max_length=100)
    name_foreign = models.CharField(max_length=200)
    document_number = models.CharField(max_length=100)  # sealed, and shown as it lies there
    birth_date = models.DateField()
    mobile = models.CharField(max_length=30)
    email = models.EmailField()
    status = models.CharField(max_length=20)
    last_login = None

    USERNAME_FIELD = "username"
    objects = BaseUserManager()

    class Meta:
        managed = False
        db_table = '"public"."staff_stafflogin"'  # in the portal's schema
