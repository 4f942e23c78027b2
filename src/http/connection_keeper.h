#pragma once
// The thread that looks after connections nobody else is busy with: deadlines, and answers that
// clients read slowly.

#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/connection.h"
#include "http/wake_up.h"

namespace vestibule::http {

/// Knows every connection of a server. Thread-safe.
class ConnectionKeeper {
 public:
  /// Deadlines are noticed at most this late.
  static constexpr std::chrono::milliseconds kTick{50};

  ConnectionKeeper() = default;
  /// Stops.
  ~ConnectionKeeper();
  ConnectionKeeper(const ConnectionKeeper&) = delete;
  ConnectionKeeper& operator=(const ConnectionKeeper&) = delete;

  /// Starts the thread. False when the system has no descriptor left for it.
  [[nodiscard]] bool start();
  /// Joins the thread and lets go of what has been handed to it. Cut the connections first. May be
  /// called twice.
  void stop();

  /// Watches the deadlines of a new connection.
  void add(const std::shared_ptr<Connection>& connection);
  /// Calls `onWritable` of the connection until it has nothing more to write.
  void finishWriting(std::shared_ptr<Connection> connection);
  /// Ends all connections at once.
  void cutAll();

 private:
  void run();
  void takeNewWriters();
  void pollWriters(std::chrono::milliseconds timeout);
  void checkDeadlines();
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> due(Connection::Clock::time_point now);

  WakeUp wake_up_;
  std::thread thread_;

  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::weak_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> new_writers_;

  std::vector<std::shared_ptr<Connection>> writers_;  ///< of the thread alone
};

}  // namespace vestibule::http
