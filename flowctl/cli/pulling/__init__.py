"""What a server has, taken into the files with the smallest change of their text."""
