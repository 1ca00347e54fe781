-- Field service: production schema
-- Made by forge from the schema files of all modules; change those, not this file.

BEGIN;

CREATE SCHEMA auth;

CREATE FUNCTION check_version()
RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path TO pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.version IS DISTINCT FROM OLD.version THEN
    RAISE EXCEPTION 'version % of a row of % is stale: it is at version % now', NEW.version, TG_TABLE_NAME, OLD.version
      USING ERRCODE = 'serialization_failure', HINT = 'Read the row again and repeat the change.';
  END IF;
  NEW.version := OLD.version + 1;
  RETURN NEW;
END;
$$;

CREATE FUNCTION stamp_deletion()
RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path TO pg_catalog, pg_temp
AS $$
BEGIN
  NEW.deleted_at := now();
  RETURN NEW;
END;
$$;

CREATE FUNCTION auth.uid()
RETURNS UUID
LANGUAGE sql
STABLE
AS $$SELECT nullif(pg_catalog.current_setting('app.user_id', true), '')::uuid$$;

CREATE FUNCTION touch_row()
RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path TO pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.created_at := coalesce(NEW.created_at, now());
    NEW.created_by := coalesce(auth.uid(), NEW.created_by);
    -- A user whom nobody signed in made is their own author.
    IF TG_NARGS > 0 AND NEW.created_by IS NULL THEN
      NEW.created_by := NEW.id;
    END IF;
  ELSE
    NEW.created_at := OLD.created_at;
    NEW.created_by := OLD.created_by;
    NEW.updated_at := now();
    NEW.updated_by := coalesce(auth.uid(), NEW.updated_by);
  END IF;
  RETURN NEW;
END;
$$;

CREATE TABLE audit_log (
  -- Core fields
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_schema TEXT NOT NULL,
  table_name TEXT NOT NULL,
  row_id TEXT,
  action TEXT NOT NULL CHECK (action IN ('INSERT', 'UPDATE', 'DELETE')),
  old_row JSONB,
  new_row JSONB,
  changed_by UUID,
  changed_at TIMESTAMPTZ DEFAULT now() NOT NULL
);

CREATE TABLE users (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  email VARCHAR(255) UNIQUE NOT NULL,
  full_name VARCHAR(255) NOT NULL,
  role VARCHAR(50) DEFAULT 'member' NOT NULL CHECK (role IN ('member', 'technician', 'dispatcher', 'admin')),

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE FUNCTION audit_changes()
RETURNS TRIGGER
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path TO pg_catalog, pg_temp
AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
  INSERT INTO public.audit_log (table_schema, table_name, row_id, action, old_row, new_row, changed_by)
  VALUES (TG_TABLE_SCHEMA, TG_TABLE_NAME, coalesce(new_row, old_row) ->> 'id', TG_OP, old_row, new_row, auth.uid());
  RETURN NULL;
END;
$$;

CREATE FUNCTION has_role(wanted TEXT)
RETURNS BOOLEAN
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path TO pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM public.users AS u WHERE u.id = auth.uid() AND u.role::text = wanted AND u.deleted_at IS NULL
  );
END;
$$;

CREATE TABLE services (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  code VARCHAR(20) UNIQUE NOT NULL,
  name VARCHAR(255) NOT NULL,
  description TEXT,
  duration_minutes INTEGER DEFAULT 60 NOT NULL CHECK (duration_minutes > 0),
  price NUMERIC(10,2) NOT NULL CHECK (price >= 0),

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE TABLE territories (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  name VARCHAR(100) UNIQUE NOT NULL,

  -- Relationships
  manager_id UUID REFERENCES users(id),

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE TABLE accounts (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  account_number VARCHAR(20) UNIQUE NOT NULL,
  name VARCHAR(255) NOT NULL,
  type VARCHAR(50) NOT NULL CHECK (type IN ('Residential', 'Commercial', 'Industrial')),
  status VARCHAR(50) DEFAULT 'Active' NOT NULL,
  email VARCHAR(255),
  phone VARCHAR(20),
  address TEXT,
  city VARCHAR(100),
  state VARCHAR(2),
  zip VARCHAR(10),

  -- Relationships
  territory_id UUID REFERENCES territories(id),
  owner_id UUID REFERENCES users(id) NOT NULL,
  parent_account_id UUID REFERENCES accounts(id),

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE TABLE contacts (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  first_name VARCHAR(100) NOT NULL,
  last_name VARCHAR(100) NOT NULL,
  email VARCHAR(255),
  phone VARCHAR(20),
  is_primary BOOLEAN DEFAULT false NOT NULL,

  -- Relationships
  account_id UUID REFERENCES accounts(id) ON DELETE CASCADE NOT NULL,

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE TABLE locations (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  name VARCHAR(255),
  address TEXT NOT NULL,
  city VARCHAR(100),
  state VARCHAR(2),
  zip VARCHAR(10),
  access_notes TEXT,

  -- Relationships
  account_id UUID REFERENCES accounts(id) NOT NULL,

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL
);

CREATE TABLE work_orders (
  -- Core fields
  id UUID DEFAULT gen_random_uuid() PRIMARY KEY,
  status VARCHAR(20) DEFAULT 'Scheduled' NOT NULL CHECK (status IN ('Scheduled', 'In progress', 'Done', 'Cancelled')),
  scheduled_at TIMESTAMPTZ NOT NULL,
  completed_at TIMESTAMPTZ,
  notes TEXT,
  travel_minutes SMALLINT CHECK (travel_minutes >= 0),

  -- Relationships
  account_id UUID REFERENCES accounts(id) NOT NULL,
  location_id UUID REFERENCES locations(id) NOT NULL,
  service_id UUID REFERENCES services(id) NOT NULL,
  assigned_to UUID REFERENCES users(id),

  -- System fields
  created_at TIMESTAMPTZ DEFAULT now() NOT NULL,
  created_by UUID REFERENCES users(id) NOT NULL,
  updated_at TIMESTAMPTZ,
  updated_by UUID REFERENCES users(id),
  deleted_at TIMESTAMPTZ,
  version INTEGER DEFAULT 1 NOT NULL,

  -- Constraints
  CONSTRAINT completed_after_scheduled CHECK (completed_at IS NULL OR completed_at >= scheduled_at)
);

CREATE INDEX idx_account_created_by ON accounts (created_by);

CREATE INDEX idx_account_owner ON accounts (owner_id);

CREATE INDEX idx_account_parent_account ON accounts (parent_account_id);

CREATE INDEX idx_account_search ON accounts (name, account_number);

CREATE INDEX idx_account_status ON accounts (status);

CREATE INDEX idx_account_territory ON accounts (territory_id);

CREATE INDEX idx_account_type ON accounts (type);

CREATE INDEX idx_account_updated_by ON accounts (updated_by);

CREATE INDEX idx_audit_log_row ON audit_log (table_name, row_id);

CREATE INDEX idx_contact_account ON contacts (account_id);

CREATE INDEX idx_contact_created_by ON contacts (created_by);

CREATE INDEX idx_contact_updated_by ON contacts (updated_by);

CREATE INDEX idx_location_account ON locations (account_id);

CREATE INDEX idx_location_created_by ON locations (created_by);

CREATE INDEX idx_location_updated_by ON locations (updated_by);

CREATE INDEX idx_service_created_by ON services (created_by);

CREATE INDEX idx_service_updated_by ON services (updated_by);

CREATE INDEX idx_territory_created_by ON territories (created_by);

CREATE INDEX idx_territory_manager ON territories (manager_id);

CREATE INDEX idx_territory_updated_by ON territories (updated_by);

CREATE INDEX idx_user_created_by ON users (created_by);

CREATE INDEX idx_user_updated_by ON users (updated_by);

CREATE INDEX idx_work_order_account ON work_orders (account_id);

CREATE INDEX idx_work_order_assigned_to ON work_orders (assigned_to);

CREATE INDEX idx_work_order_created_by ON work_orders (created_by);

CREATE INDEX idx_work_order_location ON work_orders (location_id);

CREATE INDEX idx_work_order_service ON work_orders (service_id);

CREATE INDEX idx_work_order_status ON work_orders (status);

CREATE INDEX idx_work_order_updated_by ON work_orders (updated_by);

CREATE TRIGGER audit_accounts
  AFTER INSERT OR UPDATE OR DELETE ON accounts
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_accounts
  BEFORE UPDATE ON accounts
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_accounts
  BEFORE INSERT OR UPDATE ON accounts
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_accounts
  BEFORE UPDATE ON accounts
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_contacts
  AFTER INSERT OR UPDATE OR DELETE ON contacts
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_contacts
  BEFORE UPDATE ON contacts
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_contacts
  BEFORE INSERT OR UPDATE ON contacts
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_contacts
  BEFORE UPDATE ON contacts
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_locations
  AFTER INSERT OR UPDATE OR DELETE ON locations
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_locations
  BEFORE UPDATE ON locations
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_locations
  BEFORE INSERT OR UPDATE ON locations
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_locations
  BEFORE UPDATE ON locations
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_services
  AFTER INSERT OR UPDATE OR DELETE ON services
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_services
  BEFORE UPDATE ON services
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_services
  BEFORE INSERT OR UPDATE ON services
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_services
  BEFORE UPDATE ON services
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_territories
  AFTER INSERT OR UPDATE OR DELETE ON territories
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_territories
  BEFORE UPDATE ON territories
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_territories
  BEFORE INSERT OR UPDATE ON territories
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_territories
  BEFORE UPDATE ON territories
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_users
  AFTER INSERT OR UPDATE OR DELETE ON users
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_users
  BEFORE UPDATE ON users
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_users
  BEFORE INSERT OR UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION touch_row('self');

CREATE TRIGGER version_users
  BEFORE UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION check_version();

CREATE TRIGGER audit_work_orders
  AFTER INSERT OR UPDATE OR DELETE ON work_orders
  FOR EACH ROW EXECUTE FUNCTION audit_changes();

CREATE TRIGGER soft_delete_work_orders
  BEFORE UPDATE ON work_orders
  FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION stamp_deletion();

CREATE TRIGGER touch_work_orders
  BEFORE INSERT OR UPDATE ON work_orders
  FOR EACH ROW EXECUTE FUNCTION touch_row();

CREATE TRIGGER version_work_orders
  BEFORE UPDATE ON work_orders
  FOR EACH ROW EXECUTE FUNCTION check_version();

ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE locations ENABLE ROW LEVEL SECURITY;

ALTER TABLE services ENABLE ROW LEVEL SECURITY;

ALTER TABLE territories ENABLE ROW LEVEL SECURITY;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;

ALTER TABLE work_orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY account_access ON accounts
  FOR ALL
  USING (owner_id = auth.uid() OR has_role('admin'));

CREATE POLICY account_not_deleted ON accounts
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY audit_log_read ON audit_log
  FOR SELECT
  USING (has_role('admin'));

CREATE POLICY contact_access ON contacts
  FOR ALL
  USING (has_role('admin'));

CREATE POLICY contact_not_deleted ON contacts
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY location_access ON locations
  FOR ALL
  USING (has_role('admin'));

CREATE POLICY location_not_deleted ON locations
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY service_access ON services
  FOR ALL
  USING (has_role('admin'));

CREATE POLICY service_not_deleted ON services
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY territory_access ON territories
  FOR ALL
  USING (has_role('admin'));

CREATE POLICY territory_not_deleted ON territories
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY territory_read ON territories
  FOR SELECT
  USING (true);

CREATE POLICY user_access ON users
  FOR ALL
  USING (id = auth.uid() OR has_role('admin'));

CREATE POLICY user_not_deleted ON users
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

CREATE POLICY work_order_access ON work_orders
  FOR ALL
  USING (assigned_to = auth.uid() OR (has_role('dispatcher') OR has_role('admin')));

CREATE POLICY work_order_not_deleted ON work_orders
  AS RESTRICTIVE
  FOR ALL
  USING (deleted_at IS NULL OR deleted_at = now());

COMMENT ON TABLE accounts IS 'A customer: a person, company or site owner that we bill.';

COMMENT ON TABLE audit_log IS 'The audit trail: every change of every audited row.';

COMMENT ON TABLE contacts IS 'A person whom we talk to at an account.';

COMMENT ON TABLE locations IS 'A place where we do work for an account.';

COMMENT ON TABLE services IS 'Something that we do for customers, at a price.';

COMMENT ON TABLE territories IS 'An area that one team serves.';

COMMENT ON TABLE users IS 'A person who signs in.';

COMMENT ON TABLE work_orders IS 'One visit: a service done at a location.';

COMMENT ON COLUMN accounts.account_number IS 'The number printed on invoices.';

COMMENT ON COLUMN accounts.created_at IS 'When the row was made.';

COMMENT ON COLUMN accounts.created_by IS 'Who made the row.';

COMMENT ON COLUMN accounts.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN accounts.email IS 'Where invoices are sent.';

COMMENT ON COLUMN accounts.name IS 'What we call the customer.';

COMMENT ON COLUMN accounts.owner_id IS 'The user who looks after the customer.';

COMMENT ON COLUMN accounts.parent_account_id IS 'The account that this one is a part of.';

COMMENT ON COLUMN accounts.state IS 'Two letters, as the postal service writes it.';

COMMENT ON COLUMN accounts.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN accounts.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN accounts.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN audit_log.action IS 'What was done.';

COMMENT ON COLUMN audit_log.changed_at IS 'When.';

COMMENT ON COLUMN audit_log.changed_by IS 'Who was signed in; empty when nobody was.';

COMMENT ON COLUMN audit_log.id IS 'Counts the changes.';

COMMENT ON COLUMN audit_log.new_row IS 'The row after; empty for a DELETE.';

COMMENT ON COLUMN audit_log.old_row IS 'The row before; empty for an INSERT.';

COMMENT ON COLUMN audit_log.row_id IS 'The row''s id, if it has a field of that name.';

COMMENT ON COLUMN audit_log.table_name IS 'The changed table.';

COMMENT ON COLUMN audit_log.table_schema IS 'The schema of the changed table.';

COMMENT ON COLUMN contacts.created_at IS 'When the row was made.';

COMMENT ON COLUMN contacts.created_by IS 'Who made the row.';

COMMENT ON COLUMN contacts.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN contacts.is_primary IS 'Whether this is the person to call first.';

COMMENT ON COLUMN contacts.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN contacts.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN contacts.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN locations.access_notes IS 'How to get in: gate codes, dogs, who has the key.';

COMMENT ON COLUMN locations.created_at IS 'When the row was made.';

COMMENT ON COLUMN locations.created_by IS 'Who made the row.';

COMMENT ON COLUMN locations.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN locations.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN locations.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN locations.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN services.created_at IS 'When the row was made.';

COMMENT ON COLUMN services.created_by IS 'Who made the row.';

COMMENT ON COLUMN services.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN services.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN services.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN services.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN territories.created_at IS 'When the row was made.';

COMMENT ON COLUMN territories.created_by IS 'Who made the row.';

COMMENT ON COLUMN territories.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN territories.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN territories.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN territories.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN users.created_at IS 'When the row was made.';

COMMENT ON COLUMN users.created_by IS 'Who made the row.';

COMMENT ON COLUMN users.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN users.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN users.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN users.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON COLUMN work_orders.assigned_to IS 'The technician who goes there.';

COMMENT ON COLUMN work_orders.created_at IS 'When the row was made.';

COMMENT ON COLUMN work_orders.created_by IS 'Who made the row.';

COMMENT ON COLUMN work_orders.deleted_at IS 'When the row was deleted; empty while it is alive.';

COMMENT ON COLUMN work_orders.travel_minutes IS 'How long the technician drives there.';

COMMENT ON COLUMN work_orders.updated_at IS 'When the row was last changed.';

COMMENT ON COLUMN work_orders.updated_by IS 'Who changed the row last.';

COMMENT ON COLUMN work_orders.version IS 'Counts the changes of the row; an update names the version that it read.';

COMMENT ON FUNCTION audit_changes() IS 'Records a change with the old and the new row; with its owner''s rights, since nobody else writes the trail.';

COMMENT ON FUNCTION check_version() IS 'Refuses an update of a version that is not the row''s, and counts up.';

COMMENT ON FUNCTION has_role(text) IS 'Whether the one who is signed in has the role; past row level security, so that policies can ask.';

COMMENT ON FUNCTION stamp_deletion() IS 'Says when a row was deleted, whatever the statement said.';

COMMENT ON FUNCTION touch_row() IS 'Keeps created_at, created_by, updated_at and updated_by.';

COMMENT ON FUNCTION auth.uid() IS 'Who is signed in: what the application set as app.user_id.';

GRANT USAGE ON SCHEMA auth TO PUBLIC;

COMMIT;
