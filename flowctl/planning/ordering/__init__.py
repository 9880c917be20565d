"""Who calls whom, and in which order a plan is carried out therefore."""
