"""What Git knows of the workspace, and what flowctl writes into it."""
