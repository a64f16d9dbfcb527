"""Alerts decides: rules, incidents, the rectification workflow and its pushes."""
