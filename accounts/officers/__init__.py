"""What officers do with entities and their administrators: above staff and activation, on the tables of `accounts`."""
