"""The KPI dictionary, its functions over the log, and the statistics of replications."""
