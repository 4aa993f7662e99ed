from staff.hashers import Argon2id


class Quick(Argon2id):
    """The same algorithm, at the least cost it allows."""

    memory_cost = 8
    time_cost = 1
