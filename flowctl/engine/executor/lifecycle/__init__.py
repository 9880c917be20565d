"""From a start to an end, and what can be asked of an execution between them and after."""
