// When the server's own certificate ends, for whoever watches it. Threading: any thread.
#ifndef LADON_SERVER_CMD_CERTIFICATE_END_H_
#define LADON_SERVER_CMD_CERTIFICATE_END_H_

#include <cstdint>
#include <string>

namespace ladon {

// notAfter (RFC 5280) of the first certificate in a PEM file, in seconds since 1970; 0: there is
// none. The file is read anew each time: it may have been replaced.
[[nodiscard]] int64_t CertificateEnd(const std::string& path);

}  // namespace ladon

#endif  // LADON_SERVER_CMD_CERTIFICATE_END_H_
