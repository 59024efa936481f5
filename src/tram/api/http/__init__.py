"""What every route shares: errors as problems, sessions and log-in, paging, turns and rates, lists as files."""
