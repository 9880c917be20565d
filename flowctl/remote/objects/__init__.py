"""What a server of Kestra's API has, kind by kind: reading and writing it, in either generation."""
