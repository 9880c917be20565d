"""What a person at a terminal sees and answers: progress, questions, interruptions, and how a command ends badly."""
