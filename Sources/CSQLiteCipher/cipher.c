#include "CSQLiteCipher.h"
#include <string.h>

typedef struct sqlite3 sqlite3;
extern const char *sqlite3mc_version(void);
extern int sqlite3mc_cipher_index(const char *name);
extern int sqlite3mc_config(sqlite3 *db, const char *parameter, int value);
extern int sqlite3_key(sqlite3 *db, const void *key, int count);
extern int sqlite3_db_config(sqlite3 *db, int option, ...);

enum { misuse = 21, error = 1, key_bytes = 32, no_checkpoint_on_close = 1006 };

const char *holdfast_cipher_version(void) { return sqlite3mc_version(); }

int holdfast_cipher_key(void *db, const unsigned char *key, int count) {
  /* A key of another length would silently be taken for a passphrase. */
  if (!db || !key || count != key_bytes) return misuse;
  int index = sqlite3mc_cipher_index("aegis");
  if (index <= 0 || sqlite3mc_config(db, "cipher", index) != index) return error;
  static const char digits[] = "0123456789abcdef";
  char text[4 + 2 * key_bytes];
  memcpy(text, "raw:", 4);
  for (int i = 0; i < key_bytes; i++) {
    text[4 + 2 * i] = digits[key[i] >> 4];
    text[5 + 2 * i] = digits[key[i] & 15];
  }
  int code = sqlite3_key(db, text, (int)sizeof text);
  volatile char *wipe = text;
  for (unsigned i = 0; i < sizeof text; i++) wipe[i] = 0;
  return code;
}

int holdfast_keep_log_on_close(void *db) {
  return db ? sqlite3_db_config(db, no_checkpoint_on_close, 1, (int *)0) : misuse;
}
