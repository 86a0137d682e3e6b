// Owns what OpenSSL allocated: std::unique_ptr<BIO, Deleter<BIO_free_all>>. Internal to the PKI.
// Threading: plain values.
#ifndef LADON_SERVER_CLIENT_PKI_DELETER_H_
#define LADON_SERVER_CLIENT_PKI_DELETER_H_

namespace ladon::pki {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace ladon::pki

#endif  // LADON_SERVER_CLIENT_PKI_DELETER_H_
