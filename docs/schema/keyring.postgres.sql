CREATE TABLE epoch (
    id integer NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT epoch_id_check CHECK ((id = 1)),
    CONSTRAINT epoch_pkey PRIMARY KEY (id)
);
CREATE TABLE invalidation (
    number bigint NOT NULL,
    subject text NOT NULL,
    CONSTRAINT invalidation_pkey PRIMARY KEY (number)
);
CREATE TABLE keyring_manifest (
    id integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT keyring_manifest_id_check CHECK ((id = 1)),
    CONSTRAINT keyring_manifest_pkey PRIMARY KEY (id)
);
CREATE TABLE wrapped_key (
    owner text NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT wrapped_key_pkey PRIMARY KEY (owner)
);
