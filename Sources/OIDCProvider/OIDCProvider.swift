// OIDCProvider
