{% if not step.down.together %}
-- no-transaction
{% endif %}
{% include "prototype/down.sql" %}
