#include "server/client/connection_keeper.h"

#include <grpcpp/channel.h>

#include <utility>

namespace ladon::client {

ConnectionKeeper::ConnectionKeeper(ChannelPtr channel)
    : channel_(std::move(channel)), thread_([this] { Run(); }) {}

ConnectionKeeper::~ConnectionKeeper() {
  stopping_ = true;
  thread_.join();
}

void ConnectionKeeper::Run() {
  while (!stopping_) {
    const auto until = std::chrono::system_clock::now() + kLook;
    // Both wait where gRPC does its work, and so do that work.
    if (channel_->GetState(true) == GRPC_CHANNEL_READY) {
      channel_->WaitForStateChange(GRPC_CHANNEL_READY, until);
    } else {
      channel_->WaitForConnected(until);
    }
  }
}

}  // namespace ladon::client
