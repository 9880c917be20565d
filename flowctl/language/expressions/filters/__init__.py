"""The filters of the language, by what they work on."""
