"""What the changes of a plan do beyond their texts, as data of each change (`model.impact`)."""
