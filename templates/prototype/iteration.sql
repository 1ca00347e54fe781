{% import "prototype/parts.sql" as parts %}
{{ parts.header(project, module, number, step) | trim }}

{{ parts.way(step.up, true) | trim }}

-- The way back, when it is needed:
--
{{ parts.way(step.down, true) | trim | comment }}
