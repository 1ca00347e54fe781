-- Field service: prototype schema of master-view
-- Made by forge from the module's schema files; change those, not this file.

CREATE TABLE accounts (
  id UUID PRIMARY KEY,
  name VARCHAR(255),
  type VARCHAR(50),
  status VARCHAR(50),
  phone VARCHAR(20)
);

CREATE TABLE locations (
  id UUID PRIMARY KEY,
  account_id UUID REFERENCES accounts(id),
  address TEXT
);
