{# How statements are laid out. A comma stands before a comment, never within one. #}

{% macro table(table, headings) %}
{{ table.head }}
{% for group in table.groups %}
{% if headings %}
  -- {{ group.title }}
{% endif %}
{% for item in group.items %}
  {{ item.sql }}{{ "," if not item.last }}{% if item.comment %}  -- {{ item.comment | line }}{% endif +%}
{% endfor %}
{% if headings and not loop.last %}

{% endif %}
{% endfor %}
{{ table.tail }}
{%- endmacro %}

{% macro statement(statement, headings) %}
{% if statement.comment %}
{{ statement.comment | comment }}
{% endif %}
{% if statement.table %}
{{ table(statement.table, headings) }};
{%- else %}
{{ statement.sql }};
{%- endif %}
{% endmacro %}
