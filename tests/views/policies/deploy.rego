package main

import rego.v1

protected_prefixes := ["flow.dev.billing", "flow.dev.legacy"]

deny contains message if {
	some change in input.resource_changes
	"delete" in change.change.actions
	some prefix in protected_prefixes
	startswith(change.address, prefix)
	message := sprintf("%s is protected and must not be deleted", [change.address])
}

deny contains message if {
	some change in input.resource_changes
	change.type == "kestra_flow"
	some action in change.change.actions
	action in {"create", "update"}
	flow := yaml.unmarshal(change.change.after.content)
	some trigger in flow.triggers
	too_often(trigger.cron)
	message := sprintf("%s: %s runs more often than once a minute", [change.address, trigger.id])
}

# A cron expression of six fields begins with seconds.
too_often(cron) if {
	fields := split(cron, " ")
	count(fields) == 6
	fields[0] != "0"
}
