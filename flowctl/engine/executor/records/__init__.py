"""What is known of an execution: its records, its compiled flow, its files."""
