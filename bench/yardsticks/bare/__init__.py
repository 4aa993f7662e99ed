"""B, E and H: Django with nothing but what it needs to show a session's owner 25 people, edit one, look at a password."""
