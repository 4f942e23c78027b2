#pragma once
// The accepting side of one address: a listening socket and a thread of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "http/unique_fd.h"
#include "http/wake_up.h"

namespace vestibule::http {

/// Accepts connections and hands them on. When the process runs out of descriptors or memory it
/// pauses before it tries again, so that a full process neither spins nor dies; clients meanwhile
/// wait in the kernel's backlog.
class Listener {
 public:
  /// Takes over a connected, non-blocking socket and the address of the client (no port). Called on
  /// the listener's thread.
  using Accept = std::function<void(UniqueFd socket, std::string peer)>;

  /// Binds and listens. `address` is an IPv4 or IPv6 literal (with or without brackets; `::` takes
  /// IPv4 as well) or `localhost`, which means 127.0.0.1. Port 0 takes a free one. Error
  /// kInvalidValue for another address, kUnavailable when the system refuses, naming address and
  /// reason.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> open(const std::string& address,
                                                              std::uint16_t port);
  /// Stops.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The port that is bound.
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Starts the thread. Call once.
  void start(Accept accept);

  /// Takes in who has connected already, closes the listening socket and joins the thread. May be
  /// called twice.
  void stop();

 private:
  Listener(UniqueFd socket, std::uint16_t port);
  void run();
  /// Takes every waiting connection, but not for ever. False when the process is out of descriptors
  /// or memory.
  bool acceptAll();

  UniqueFd socket_;
  std::uint16_t port_;
  WakeUp stop_;
  Accept accept_;
  std::thread thread_;
};

}  // namespace vestibule::http
