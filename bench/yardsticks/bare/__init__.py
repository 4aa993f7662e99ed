"""B, E and H: Django with only what it needs to show somebody 25 people, to edit one, to look at a password."""
