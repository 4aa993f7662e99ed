"""What others wrote and the portal is made of: each part with version, hashes and licence (ASVS 15.1.2, 15.2.1)."""
