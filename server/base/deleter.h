// Owns what a C library allocated: std::unique_ptr<BIO, Deleter<BIO_free_all>>.
// Threading: plain values.
#ifndef LADON_SERVER_BASE_DELETER_H_
#define LADON_SERVER_BASE_DELETER_H_

namespace ladon::base {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace ladon::base

#endif  // LADON_SERVER_BASE_DELETER_H_
