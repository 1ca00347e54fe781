{# How statements are laid out. A comma stands before a comment, never within one. #}

{% macro table(table) %}
{{ table.head }}
{% for group in table.groups %}
  -- {{ group.title }}
{% for item in group.items %}
  {{ item.sql }}{{ "," if not item.last }}{% if item.comment %}  -- {{ item.comment }}{% endif +%}
{% endfor %}
{% if not loop.last %}

{% endif %}
{% endfor %}
{{ table.tail }}
{%- endmacro %}

{% macro statement(statement, grouped) %}
{% if statement.comment %}
{{ statement.comment | comment }}
{% endif %}
{% if grouped and statement.table %}
{{ table(statement.table) }};
{%- else %}
{{ statement.sql }};
{%- endif %}
{% endmacro %}
