"""Simulators pretend: cameras, elevators, scales, cold stores and a push receiver, scripted, with a truth file."""
