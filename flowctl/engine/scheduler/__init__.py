"""What starts executions by itself: schedules, flow triggers, polling, and what a webhook's trigger says.

`occurrence`, `matching` and `windows` are pure; `rows` and `events` are the store's side; `scheduler` is the one
thread that waits for the next date or for an event.
"""
