#pragma once
// The I/O threads: Pistache's reactor and transport, with our own connections on top.

#include <chrono>
#include <memory>

#include "http/connection.h"
#include "http/unique_fd.h"

namespace vestibule::http {

/// Reads from sockets and tells their connections. Pistache waits for and reads the bytes; it never
/// writes and never parses. All functions are called by one thread at a time.
class IoThreads {
 public:
  /// Starts `count` threads.
  explicit IoThreads(std::size_t count);
  /// Stops.
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  /// From now on calls `onInput` and `onHangUp` of the connection with what comes from `socket`,
  /// which must be another descriptor of the same socket than the connection's own. After
  /// `onHangUp` the connection is let go of.
  void adopt(UniqueFd socket, std::shared_ptr<Connection> connection);

  /// Waits until every connection has hung up, at most for `limit`, and ends the threads. Cut the
  /// connections first. May be called twice.
  void stop(std::chrono::milliseconds limit);

 private:
  struct Runtime;
  std::unique_ptr<Runtime> runtime_;
};

}  // namespace vestibule::http
