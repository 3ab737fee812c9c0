import Storage

extension Tenants {
    /// For the control database.
    package static let migrations: [Migration] = [
        Migration("tenants_0001_tenants") { dialect in
            let tenant: SQL
            let environment: SQL
            switch dialect {
            case .sqlite:
                tenant = """
                    CREATE TABLE tenant (
                        id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, edition TEXT NOT NULL, region TEXT NOT NULL,
                        state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at INTEGER NOT NULL
                    ) STRICT
                    """
                environment = """
                    CREATE TABLE environment (
                        id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant (id), kind TEXT NOT NULL, label TEXT NOT NULL UNIQUE,
                        region TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at INTEGER NOT NULL,
                        UNIQUE (tenant, kind)
                    ) STRICT
                    """
            case .postgres:
                tenant = """
                    CREATE TABLE tenant (
                        id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, edition TEXT NOT NULL, region TEXT NOT NULL,
                        state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at BIGINT NOT NULL
                    )
                    """
                environment = """
                    CREATE TABLE environment (
                        id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenant (id), kind TEXT NOT NULL, label TEXT NOT NULL UNIQUE,
                        region TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('creating', 'active')), created_at BIGINT NOT NULL,
                        UNIQUE (tenant, kind)
                    )
                    """
            }
            return [tenant, environment, "CREATE INDEX environment_creating ON environment (id) WHERE state = 'creating'"]
        }
    ]
}
