"""Patients through time: the engine, the run-in, the loop of a trial, randomisation and events."""
