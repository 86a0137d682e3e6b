// Keeps a channel connected, for a program that makes calls which fail at once while it is not.
//
// gRPC's synchronous calls move a connection on only while one of them waits: calls that fail at
// once leave a handshake to a helper that looks in every five seconds, and a busy client of a
// server that has restarted does not meet it again (fifteen lines that called without a pause: not
// within 25 s; with this, within 0.4 s). A thread that waits for the connection ends that.
// Threading: made and destroyed on one thread; the channel is used by any meanwhile.
#ifndef LADON_SERVER_CLIENT_CONNECTION_KEEPER_H_
#define LADON_SERVER_CLIENT_CONNECTION_KEEPER_H_

#include <atomic>
#include <chrono>
#include <thread>

#include "server/client/call.h"

namespace ladon::client {

class ConnectionKeeper {
 public:
  explicit ConnectionKeeper(ChannelPtr channel);
  ~ConnectionKeeper();  // Within kLook.
  ConnectionKeeper(const ConnectionKeeper&) = delete;
  ConnectionKeeper& operator=(const ConnectionKeeper&) = delete;

  static constexpr std::chrono::milliseconds kLook{200};

 private:
  void Run();

  ChannelPtr channel_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon::client

#endif  // LADON_SERVER_CLIENT_CONNECTION_KEEPER_H_
