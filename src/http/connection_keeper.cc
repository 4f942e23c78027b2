#include "http/connection_keeper.h"

#include <poll.h>
#include <pthread.h>

namespace vestibule::http {

ConnectionKeeper::~ConnectionKeeper() { stop(); }

bool ConnectionKeeper::start() {
  if (!wake_up_.valid()) return false;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "http-keeper");
  return true;
}

void ConnectionKeeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_up_.ring();
  if (thread_.joinable()) thread_.join();
  // What is left would keep its connection, and that the keeper, alive for ever.
  std::vector<std::shared_ptr<Connection>> left;
  const std::lock_guard lock(mutex_);
  left.swap(new_writers_);
}

void ConnectionKeeper::add(const std::shared_ptr<Connection>& connection) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = connections_.empty();
    connections_.push_back(connection);
  }
  if (first) wake_up_.ring();
}

void ConnectionKeeper::finishWriting(std::shared_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    new_writers_.push_back(std::move(connection));
  }
  wake_up_.ring();
}

void ConnectionKeeper::cutAll() {
  std::vector<std::shared_ptr<Connection>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : connections_) {
      if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
  }
  for (const auto& connection : all) connection->cut();
}

void ConnectionKeeper::run() {
  for (;;) {
    std::chrono::milliseconds timeout{-1};
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
      if (!connections_.empty()) timeout = kTick;
    }
    takeNewWriters();
    pollWriters(timeout);
    checkDeadlines();
  }
  writers_.clear();
}

void ConnectionKeeper::takeNewWriters() {
  const std::lock_guard lock(mutex_);
  for (auto& writer : new_writers_) writers_.push_back(std::move(writer));
  new_writers_.clear();
}

void ConnectionKeeper::pollWriters(std::chrono::milliseconds timeout) {
  std::vector<pollfd> waiting{{wake_up_.fd(), POLLIN, 0}};
  waiting.reserve(writers_.size() + 1);
  for (const auto& writer : writers_) waiting.push_back({writer->fd(), POLLOUT, 0});
  ::poll(waiting.data(), waiting.size(), static_cast<int>(timeout.count()));
  if (waiting[0].revents != 0) wake_up_.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < writers_.size(); ++i) {
    if (waiting[i + 1].revents != 0 && !writers_[i]->onWritable()) continue;
    if (kept != i) writers_[kept] = std::move(writers_[i]);
    ++kept;
  }
  writers_.resize(kept);
}

void ConnectionKeeper::checkDeadlines() {
  const auto now = Connection::Clock::now();
  for (const auto& connection : due(now)) connection->onTime(now);
}

/// The connections whose time has come; forgets those that are gone. Nothing of them is called
/// here: a connection may be waiting for the mutex.
std::vector<std::shared_ptr<Connection>> ConnectionKeeper::due(Connection::Clock::time_point now) {
  std::vector<std::shared_ptr<Connection>> late;
  const std::lock_guard lock(mutex_);
  std::erase_if(connections_, [&](const std::weak_ptr<Connection>& weak) {
    auto connection = weak.lock();
    if (!connection) return true;
    if (connection->deadline() <= now) late.push_back(std::move(connection));
    return false;
  });
  return late;
}

}  // namespace vestibule::http
