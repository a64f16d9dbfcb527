"""Api shows: REST, live updates, evidence and the web console."""
