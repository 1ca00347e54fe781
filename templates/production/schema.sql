{{ (project ~ ": production schema") | comment }}
-- Made by forge from the schema files of all modules; change those, not this file.

BEGIN;
{% for run in runs %}
{{ run | part("production/statements.sql") -}}
{% endfor %}

COMMIT;
