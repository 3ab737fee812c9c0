#ifndef HOLDFAST_CSQLITECIPHER_H
#define HOLDFAST_CSQLITECIPHER_H

/* The few functions of SQLite3MultipleCiphers that SQLite's own header doesn't declare. Referring to them
   makes linking fail where another SQLite stands in for it. `db` is a `sqlite3 *`. */

/* "SQLite3 Multiple Ciphers x.y.z" */
const char *holdfast_cipher_version(void);
/* Selects AEGIS-256 and sets a raw 32-byte key, before the first read. Returns an SQLite result code. */
int holdfast_cipher_key(void *db, const unsigned char *key, int count);
/* Closing the last connection neither checkpoints nor removes the write-ahead log: only the writer does, when it decides to. */
int holdfast_keep_log_on_close(void *db);

#endif
