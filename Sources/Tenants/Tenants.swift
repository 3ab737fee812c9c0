// Tenants
