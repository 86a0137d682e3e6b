// What gRPC complains of, handshakes that it refused above all, as lines of our log: it would write
// them to standard error itself, in a form of its own, as many as strangers care to cause.
//
// A line a second at most. A refused certificate comes with advice: gRPC does not say what was
// wrong. Threading: at most one at a time in a process, because gRPC has one log; its lines come
// from any thread.
#ifndef LADON_SERVER_RPC_TRANSPORT_LOG_H_
#define LADON_SERVER_RPC_TRANSPORT_LOG_H_

#include "server/rpc/monitor.h"

namespace ladon::rpc {

class TransportLog {
 public:
  // `monitor` must outlive it.
  explicit TransportLog(Monitor* monitor);
  // gRPC's log is its own again.
  ~TransportLog();
  TransportLog(const TransportLog&) = delete;
  TransportLog& operator=(const TransportLog&) = delete;
};

}  // namespace ladon::rpc

#endif  // LADON_SERVER_RPC_TRANSPORT_LOG_H_
