{# A migration: its statements in the order in which they run, each under what it is for and what it may do. #}
{% for group in groups %}
{% if not loop.first %}

{% endif %}
{% if group.transaction %}
BEGIN;

{% endif %}
{% for statement in group.statements %}
{% if not loop.first %}

{% endif %}
{% for hazard in statement.hazards %}
{{ (hazard.kind ~ ": " ~ hazard.message) | comment }}
{% endfor %}
{{ statement.sql }};
{% endfor %}
{% if group.transaction %}

COMMIT;
{% endif %}
{% endfor %}
