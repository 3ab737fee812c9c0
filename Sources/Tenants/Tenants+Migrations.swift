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
        },
        Migration("tenants_0002_places") { dialect in
            let (number, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                "ALTER TABLE environment ADD COLUMN place TEXT NOT NULL DEFAULT 'embedded'",
                "ALTER TABLE environment ADD COLUMN copy \(number) NOT NULL DEFAULT 1",
                """
                CREATE TABLE environment_move (
                    environment TEXT PRIMARY KEY REFERENCES environment (id), from_place TEXT NOT NULL, from_copy \(number) NOT NULL,
                    to_place TEXT NOT NULL, to_copy \(number) NOT NULL, started_at \(number) NOT NULL
                )\(strict)
                """,
            ]
        },
        Leaving.migration,
    ]
}
