"""What the portal is measured against, on the same rows of the same PostgreSQL in the same run:
`targets.YARDSTICKS`.

Tables of theirs lie in schemas of their own, beside the portal's.
"""
