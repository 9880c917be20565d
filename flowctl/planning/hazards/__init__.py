"""What a change may break: forty-four hazards, each with a stable code, a level and a page (`flowctl explain H5`).

`catalogue` names them, `world` is what the rules look at, each family of rules is a module of its own, and `check`
puts what they see where it belongs: refusals of the plan, or notes of the change.
"""
