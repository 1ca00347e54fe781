{% import "prototype/parts.sql" as parts %}
{{ (project ~ ": the way back from iteration " ~ number ~ " of " ~ module) | comment }}

{{ parts.way(step.down, not step.down.together) | trim }}
