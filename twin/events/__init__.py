"""The log of a replication, and the folders in which runs are kept."""
