#include <postgresql/libpq-fe.h>
// For waiting on connections; Swift's module of the C library leaves them out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

// OpenSSL's, whose header would bring all of it along.
struct ssl_st;
int SSL_pending(const struct ssl_st *connection);

// Bytes that came over TLS and that libpq has not taken yet: the socket says nothing of them.
static inline int pendingOverTLS(PGconn *connection) {
  const struct ssl_st *encrypted = PQsslInUse(connection) ? PQsslStruct(connection, "OpenSSL") : 0;
  return encrypted ? SSL_pending(encrypted) : 0;
}
