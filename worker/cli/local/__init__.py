"""Everything on one machine: the processes of `relay up` and what keeps them running."""
