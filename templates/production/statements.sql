{% import "sql/statements.sql" as sql %}
{% for statement in statements %}

{{ sql.statement(statement, true) }}
{% endfor %}
