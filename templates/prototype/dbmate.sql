{% import "prototype/parts.sql" as parts %}
{{ parts.header(project, module, number, step) | trim }}

-- migrate:up{{ "" if step.up.together else " transaction:false" }}

{{ parts.way(step.up, not step.up.together) | trim }}

-- migrate:down{{ "" if step.down.together else " transaction:false" }}

{{ parts.way(step.down, not step.down.together) | trim }}
