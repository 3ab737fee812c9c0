#include <curl/curl.h>

/* curl_easy_setopt is variadic, which Swift can't call: one typed door per kind of value. */
static inline CURLcode holdfast_curl_set_long(CURL *handle, CURLoption option, long value) {
  /* Options above this number take curl_off_t, which is not long on every machine. */
  if (option >= CURLOPTTYPE_OFF_T) return curl_easy_setopt(handle, option, (curl_off_t)value);
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode holdfast_curl_set_pointer(CURL *handle, CURLoption option, const void *value) { return curl_easy_setopt(handle, option, value); }
static inline CURLcode holdfast_curl_set_read(CURL *handle, size_t (*read)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}
static inline CURLcode holdfast_curl_set_write(CURL *handle, size_t (*write)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}
static inline CURLcode holdfast_curl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }
