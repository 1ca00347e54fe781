-- Field service: prototype schema of account-management
-- Made by forge from the module's schema files; change those, not this file.

CREATE TABLE accounts (
  id UUID PRIMARY KEY,
  account_number VARCHAR(20),
  name VARCHAR(255),
  territory_id UUID,  -- points to territories(id), which this module does not declare
  owner_id UUID,  -- points to users(id), which this module does not declare
  parent_account_id UUID REFERENCES accounts(id),
  email VARCHAR(120)
);

CREATE TABLE contacts (
  id UUID PRIMARY KEY,
  account_id UUID REFERENCES accounts(id) ON DELETE CASCADE,
  first_name VARCHAR(100),
  last_name VARCHAR(100),
  email VARCHAR(255),
  phone VARCHAR(20)
);
