{# Pieces that the layouts of migrations share. #}

{% macro header(project, module, number, step) %}
{{ (project ~ ": iteration " ~ number ~ " of " ~ module) | comment }}
{% for deed in step.deeds %}
{{ ("  " ~ deed) | comment }}
{% endfor %}
-- From {{ "state " ~ step.from if step.from else "nothing" }} to {{ "state " ~ step.to if step.to else "nothing" }}: edge {{ step.edge }}
{% for hazard in step.hazards %}
{{ ("Hazard: " ~ hazard.kind ~ ": " ~ hazard.message) | comment }}
{% endfor %}
-- Made by forge from the module's history in git: change schema files, not this file.
{% endmacro %}

{% macro way(way, frame) %}
{% for group in way.groups %}
{% if not loop.first %}

{% endif %}
{% if group.transaction and frame %}
BEGIN;

{% endif %}
{% for statement in group.statements %}
{% if not loop.first %}

{% endif %}
{% for note in statement.notes %}
{{ note | comment }}
{% endfor %}
{% for hazard in statement.hazards %}
{{ (hazard.kind ~ ": " ~ hazard.message) | comment }}
{% endfor %}
{{ statement.sql }};
{% endfor %}
{% if group.transaction and frame %}

COMMIT;
{% endif %}
{% endfor %}
{% endmacro %}
