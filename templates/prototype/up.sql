{% import "prototype/parts.sql" as parts %}
{{ parts.header(project, module, number, step) | trim }}

{{ parts.way(step.up, not step.up.together) | trim }}
