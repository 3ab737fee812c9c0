// Curl: libcurl, as far as mail and object stores share it.
//
// It promises that settings have types, that a setting which libcurl refused is noticed before anything is sent, that secrets leave
// no copy of ours behind, and that a certificate is always verified. It refuses to know protocols, retries and threads: a transfer blocks.
