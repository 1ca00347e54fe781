{% import "sql/statements.sql" as sql %}
{{ (project ~ ": prototype schema of " ~ module) | comment }}
-- Made by forge from the module's schema files; change those, not this file.
{% for statement in statements %}

{{ sql.statement(statement, false) }}
{% endfor %}
