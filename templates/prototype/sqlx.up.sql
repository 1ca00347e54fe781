{% if not step.up.together %}
-- no-transaction
{% endif %}
{% include "prototype/up.sql" %}
