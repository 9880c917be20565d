"""Running a task: on a worker or here and now, with its log lines, files and outcome."""
