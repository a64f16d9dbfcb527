"""The agent beside the cameras: it sees, keeps what it saw until the platform has it, and says how its cameras are."""
