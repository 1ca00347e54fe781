{% import "sql/statements.sql" as sql %}
{{ (project ~ ": production schema") | comment }}
-- Made by forge from the schema files of all modules; change those, not this file.

BEGIN;
{% for statement in statements %}

{{ sql.statement(statement, true) }}
{% endfor %}

COMMIT;
