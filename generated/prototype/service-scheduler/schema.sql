-- Field service: prototype schema of service-scheduler
-- Made by forge from the module's schema files; change those, not this file.

CREATE TABLE services (
  id UUID PRIMARY KEY,
  code VARCHAR(20),
  name VARCHAR(255),
  duration_minutes INTEGER
);

CREATE TABLE work_orders (
  id UUID PRIMARY KEY,
  account_id UUID,  -- points to accounts(id), which this module does not declare
  service_id UUID REFERENCES services(id),
  assigned_to UUID,  -- points to users(id), which this module does not declare
  status VARCHAR(20),
  scheduled_at TIMESTAMPTZ,
  travel_minutes SMALLINT
);
