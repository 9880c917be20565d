"""Pebble expressions as the flow language uses them: compile once, render with limits.

    template = compile_template("{{ inputs.name }}")    # ExpressionError with line, column and hint
    template.render({"inputs": {"name": "Ada"}})
    template.evaluate(…)                                # one {{ }} alone keeps its type
    template.render(context, Environment(clock=…, hooks={"secret": …}))

`template` compiles, `environment` says what comes in from outside, `problems` and `references` look at texts before
anything runs. Nothing here touches files, networks or the wall clock; what does comes in through `Environment`.
"""
