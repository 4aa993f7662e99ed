"""Entities with an administrator, people and an e-service each: `python -m deploy.rehearsal.fill HOUSES PEOPLE`.

Runs inside the portal as the owner of its tables; prints what the clients have to know, as JSON.
"""

import json
import os
import sys

VISITORS = 5  # of each entity, who only sign in; who works would lose their session to somebody's sixth


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entity_portal.settings")
    import django

    django.setup()
    from django.db import transaction

    from entity_portal.text import check_digit
    from staff.models import StaffLogin
    from tests import cast

    houses, people = int(sys.argv[1]), int(sys.argv[2])
    group = cast.group()
    made = []
    for turn in range(houses):
        digits = f"{8_000_000 + turn:07d}"
        with transaction.atomic():
            house = cast.entity(number=digits + check_digit(digits), name_pt=f"Ensaio {turn}, Limitada")
            username = f"rehearsal.{turn:02d}"
            administrator = cast.login(entity=house, username=username, is_administrator=True, language="en")
        cast.group(open_to=house)
        crowd = cast.crowd(house, people, start=turn * people)
        visitors = cast.crowd(house, VISITORS, start=90_000 + turn * VISITORS)
        for visitor in visitors:
            visitor.password, visitor.password_set_at = administrator.password, administrator.password_set_at
        StaffLogin.objects.bulk_update(visitors, ["password", "password_set_at"])
        made.append(
            {
                "entity": house.number,
                "username": username,
                "password": cast.PASSWORD,
                "group": f"/services/{group.service.code}/{group.code}/edit/",
                "people": [login.euid for login in crowd],
                "visitors": [login.username for login in visitors],
            }
        )
    print(json.dumps(made))


if __name__ == "__main__":
    main()
