"""From a study to what is trained: trials, their cohorts, and the events of training. Pure."""
