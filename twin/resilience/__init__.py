"""Measures of a disrupted run against its paired baseline."""
