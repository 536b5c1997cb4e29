"""CommonSettings.php run whole, for every wiki of a realm at once."""
